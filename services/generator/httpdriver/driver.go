package httpdriver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
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
	Targets   []string // patterns of load.TargetAllowed that hosts must match, wherever a script or a redirect leads; empty: any

	Transport   load.Transport // valid
	Credentials load.Credentials
}

// Driver makes sessions. It is safe for concurrent use.
type Driver struct {
	ctx      context.Context //nolint:containedctx // the life of the connections
	cfg      Config
	tls      *tls.Config
	dialer   net.Dialer
	resolver *resolver
	source   netip.Addr      // of connections; zero: any
	proxy    *proxy          // nil: none
	framer   *http.Transport // nil: HTTP/1.1
	target   *host
	plain    bool   // the target is asked by HTTP/1.1 without TLS
	prefix   string // path of the target, without a slash at its end

	mu    sync.RWMutex
	hosts map[string]*host // by origin, such as http://example.com:8080
}

// host is where connections lead.
type host struct {
	origin    string // as it was asked for
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
		ctx: ctx, cfg: cfg, prefix: strings.TrimRight(u.EscapedPath(), "/"), hosts: map[string]*host{}, resolver: newResolver(cfg.Transport.Resolve),
	}
	if d.tls, err = newTLS(&cfg.Transport, &cfg.Credentials); err != nil {
		return nil, err
	}
	if cfg.Transport.Proxy != "" {
		if d.proxy, err = newProxy(cfg.Transport.Proxy, cfg.Credentials.ProxyUser); err != nil {
			return nil, err
		}
	}
	if cfg.Transport.HTTP2 {
		d.framer = newFramer()
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
	d.plain = d.framer == nil && d.target.tls == nil
	return d, nil
}

// What scripts that make up URLs can fill.
const (
	mostHosts = 1000 // remembered
	mostIdle  = 1000 // connections that a user keeps
)

var (
	errURL        = errors.New("not an http or https URL")
	errNotAllowed = errors.New("not among the targets that this run is allowed")
)

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
	if !load.TargetAllowed(d.cfg.Targets, u) {
		return nil, fmt.Errorf("%q: %w", u.Host, errNotAllowed)
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
	if len(d.hosts) >= mostHosts {
		for other, known := range d.hosts { // any will do: it is made again
			if known != d.target {
				delete(d.hosts, other)
				break
			}
		}
	}
	h.origin = strings.Clone(origin)
	d.hosts[h.origin] = h
	return h, nil
}

// is reports whether two hosts are the same one.
func (h *host) is(o *host) bool { return h == o || h.origin == o.origin }

// NewSession returns a session without connections.
func (d *Driver) NewSession() *Session { return &Session{driver: d} }

// Session is the connections of one user. It is safe for concurrent use, as a user may send several requests at once.
type Session struct {
	driver *Driver
	mu     sync.Mutex
	idle   []*conn
	lines  []*line

	sessions tls.ClientSessionCache // see tickets
}

// Ready reports whether a request to the target would go out at once and be waited for by a strand: over a kept connection without TLS.
func (s *Session) Ready() bool {
	if !s.driver.plain {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.idle) > 0
}

// Connect opens a connection to the target ahead of the first request. How that went is in the link.
func (s *Session) Connect(ctx context.Context) (link Link, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.driver.connectWithin(s.driver.cfg.Timeout, 0))
	defer cancel()
	failed := s.connectTarget(ctx, &link)
	if failed != nil {
		if cutOff(ctx) {
			link.abandon()
		}
		return link, failed
	}
	return link, nil
}

func (s *Session) connectTarget(ctx context.Context, link *Link) *Error {
	if s.driver.framer != nil {
		c, failed := s.connected(ctx, s.line(s.driver.target), nil, link)
		if failed == nil {
			c.leave()
		}
		return failed
	}
	c, failed := s.dial(ctx, s.driver.target, link)
	if failed == nil {
		s.put(c)
	}
	return failed
}

// Close closes the idle connections. Requests under way are not affected: an HTTP/2 connection is closed when the last of those on
// it has ended. No new one may begin.
func (s *Session) Close() {
	s.mu.Lock()
	idle, lines := s.idle, s.lines
	s.idle, s.lines = nil, nil
	s.mu.Unlock()
	for _, c := range idle {
		c.close()
	}
	for _, l := range lines {
		l.close()
	}
}

func (s *Session) put(c *conn) {
	c.kept = true
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.idle) == mostIdle {
		s.idle[0].close()
		s.idle = slices.Delete(s.idle, 0, 1)
	}
	s.idle = append(s.idle, c)
}

// take removes and returns the connection to the host that was used last; nil if there is none.
func (s *Session) take(h *host) *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range slices.Backward(s.idle) {
		if c.host.is(h) {
			s.idle = slices.Delete(s.idle, i, i+1)
			return c
		}
	}
	return nil
}
