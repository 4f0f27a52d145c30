package httpdriver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Config says what the sessions of a driver have in common.
type Config struct {
	Target    string        // base URL of relative requests, without query and fragment
	UserAgent string        // sent unless the script sends one
	Timeout   time.Duration // of requests that set none
	Now       func() time.Duration

	Transport   load.Transport // valid
	Credentials load.Credentials
}

// Driver makes sessions. It is safe for concurrent use.
type Driver struct {
	ctx      context.Context //nolint:containedctx // the life of the connections
	cfg      Config
	tls      *tls.Config
	dialer   net.Dialer
	resolver resolver
	resolve  map[string][]string // addresses of the run's own, by host and port
	source   netip.Addr          // of connections; zero: any
	proxy    *proxy              // nil: none
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
	ours      bool        // it is the target
	tunnel    bool        // the proxy is asked to connect to it
	absolute  string      // begins request targets that a proxy reads
	fields    []field     // of requests that have none of that name themselves
}

// New returns a driver whose connections live at most as long as ctx.
func New(ctx context.Context, cfg Config) (*Driver, error) {
	u, err := url.Parse(cfg.Target)
	if err != nil {
		return nil, fmt.Errorf("parse target: %w", err)
	}
	d := &Driver{
		ctx: ctx, cfg: cfg, prefix: strings.TrimRight(u.EscapedPath(), "/"), hosts: map[string]*host{}, resolve: fixed(cfg.Transport.Resolve),
	}
	if d.tls, err = newTLS(&cfg.Transport, &cfg.Credentials); err != nil {
		return nil, err
	}
	if cfg.Transport.Proxy != "" {
		if d.proxy, err = newProxy(cfg.Transport.Proxy, cfg.Credentials.ProxyUser); err != nil {
			return nil, err
		}
	}
	if err := d.comeFrom(cfg.Transport.SourceAddress); err != nil {
		return nil, fmt.Errorf("parse source address: %w", err)
	}
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
	h.name = strings.ToLower(h.name)
	port, secure := "80", false
	switch strings.ToLower(u.Scheme) {
	case "http":
	case "https":
		port, secure = "443", true
	default:
		return nil, fmt.Errorf("%q: %w", origin, errURL)
	}
	if h.port == "" {
		h.port = port
	}
	d.equip(h, secure)
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

	sessions tls.ClientSessionCache // see tickets
}

// Connect opens a connection to the target ahead of the first request. How that went is in the link.
func (s *Session) Connect(ctx context.Context) (link Link, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.driver.cfg.Timeout)
	defer cancel()
	c, failed := s.dial(ctx, s.driver.target, &link)
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
