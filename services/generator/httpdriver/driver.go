package httpdriver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config says what the sessions of a driver have in common.
type Config struct {
	Target    string        // base URL of relative requests, without query and fragment
	UserAgent string        // sent unless the script sends one
	Timeout   time.Duration // of requests that set none
	TLS       *tls.Config   // nil: verify against the system's roots
	Now       func() time.Duration
}

// Driver makes sessions. It is safe for concurrent use.
type Driver struct {
	ctx      context.Context //nolint:containedctx // the life of the connections
	cfg      Config
	tls      *tls.Config
	dialer   net.Dialer
	resolver resolver
	target   *host
	prefix   string // path of the target, without a slash at its end

	mu    sync.RWMutex
	hosts map[string]*host // by origin, such as http://example.com:8080
}

// host is where connections lead.
type host struct {
	authority string // as the Host header has it
	name      string
	port      string
	tls       *tls.Config // nil without TLS
}

// New returns a driver whose connections live at most as long as ctx.
func New(ctx context.Context, cfg Config) (*Driver, error) {
	u, err := url.Parse(cfg.Target)
	if err != nil {
		return nil, fmt.Errorf("parse target: %w", err)
	}
	d := &Driver{ctx: ctx, cfg: cfg, prefix: strings.TrimRight(u.EscapedPath(), "/"), hosts: map[string]*host{}}
	// A user looks like a client of its own, but it may resume a session as a browser does.
	d.tls = cfg.TLS.Clone()
	if d.tls == nil {
		d.tls = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	d.tls.NextProtos = []string{"http/1.1"}
	d.tls.ClientSessionCache = tls.NewLRUClientSessionCache(0)
	// Idle connections are watched by looking at them before use; probes would only cost system calls.
	d.dialer.KeepAlive = -1
	d.target, err = d.host(u.Scheme + "://" + u.Host)
	if err != nil {
		return nil, fmt.Errorf("parse target: %w", err)
	}
	return d, nil
}

var errURL = errors.New("not an http or https URL")

// locate splits a script's URL into the host and the request target, which still lacks the prefix of the driver's own
// target if rooted is true.
func (d *Driver) locate(rawURL string) (h *host, path string, rooted bool, err error) {
	scheme := strings.Index(rawURL, "://")
	if scheme < 0 || strings.ContainsAny(rawURL[:scheme], "/?#") {
		return d.target, rawURL, true, nil
	}
	end := scheme + len("://")
	if i := strings.IndexAny(rawURL[end:], "/?#"); i >= 0 {
		end += i
	} else {
		end = len(rawURL)
	}
	origin := rawURL[:end]
	d.mu.RLock()
	h = d.hosts[origin]
	d.mu.RUnlock()
	if h == nil {
		h, err = d.host(origin)
	}
	return h, rawURL[end:], false, err
}

// host returns the host of an origin, which it remembers.
func (d *Driver) host(origin string) (*host, error) {
	u, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	h := &host{authority: u.Host, name: u.Hostname(), port: u.Port()}
	switch {
	case u.User != nil:
		return nil, fmt.Errorf("%q: credentials belong in a header", u.Redacted())
	case h.name == "":
		return nil, fmt.Errorf("%q: %w", origin, errURL)
	}
	port := "80"
	switch strings.ToLower(u.Scheme) {
	case "http":
	case "https":
		port = "443"
		h.tls = d.tls.Clone()
		if h.tls.ServerName == "" {
			h.tls.ServerName = h.name
		}
	default:
		return nil, fmt.Errorf("%q: %w", origin, errURL)
	}
	if h.port == "" {
		h.port = port
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if known := d.hosts[origin]; known != nil {
		return known, nil
	}
	d.hosts[strings.Clone(origin)] = h
	return h, nil
}

// NewSession returns a session without connections.
func (d *Driver) NewSession() *Session { return &Session{driver: d} }

// Session is the connections of one user. It is safe for concurrent use, as a user may send several requests at once.
type Session struct {
	driver *Driver
	mu     sync.Mutex
	idle   []*conn
}

// Connect opens a connection to the target ahead of the first request. How that went is in the link.
func (s *Session) Connect(ctx context.Context) (link Link, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.driver.cfg.Timeout)
	defer cancel()
	c, failed := s.driver.dial(ctx, s.driver.target, &link)
	if failed != nil {
		if cutOff(ctx) {
			link.abandon()
		}
		return link, failed
	}
	s.put(c)
	return link, nil
}

// Close closes the idle connections. Requests under way are not affected; no new one may begin.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.idle {
		c.close()
	}
	s.idle = nil
}

func (s *Session) put(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idle = append(s.idle, c)
}

// take removes and returns the connection to the host that was used last; nil if there is none.
func (s *Session) take(h *host) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range slices.Backward(s.idle) {
		if c.host == h {
			s.idle = slices.Delete(s.idle, i, i+1)
			return c
		}
	}
	return nil
}
