package roundtrip

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/apitest/internal/redirect"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// Config says where the requests of a target go.
type Config struct {
	Mode      run.Mode
	URL       string                   // base of relative calls
	UserAgent string                   // sent unless the call has one
	Transport func() http.RoundTripper // makes one for each client; see Sockets
}

// Sockets makes the transports of a configuration in mode socket.
func Sockets(c run.Config) func() http.RoundTripper {
	return func() http.RoundTripper {
		t := &http.Transport{
			TLSClientConfig:    &tls.Config{InsecureSkipVerify: c.Insecure}, //nolint:gosec // the user says so
			DisableCompression: true,                                        // bytes and events are counted as they come
			Protocols:          new(http.Protocols),
		}
		h2 := c.HTTP2 && c.Protocol != run.ProtocolWebSocket // which a request of HTTP/1.1 opens
		t.Protocols.SetHTTP1(!h2)
		t.Protocols.SetHTTP2(h2)
		t.Protocols.SetUnencryptedHTTP2(h2)
		return t
	}
}

// HTTP is an exchange that begins with a request.
type HTTP struct {
	Exchange

	Client *http.Client // follows as many redirects as the call allows
	URL    string       // absolute
	Host   string       // of the Host header; "": that of the URL
	Header http.Header

	sample [run.MaxSampleBody]byte
}

// NewTarget returns a target whose clients make exchanges by speak. An error that speak makes up itself is an *Error.
func NewTarget(cfg Config, speak func(ctx context.Context, x *HTTP) error) run.Target {
	return &target{cfg, speak}
}

type target struct {
	cfg   Config
	speak func(ctx context.Context, x *HTTP) error
}

// Mode implements run.Target.
func (t *target) Mode() run.Mode { return t.cfg.Mode }

// Close implements run.Target.
func (t *target) Close() error { return nil }

// NewClient implements run.Target.
func (t *target) NewClient(context.Context) (run.Client, error) {
	c := &client{target: t}
	c.http.Client = &http.Client{Transport: t.cfg.Transport(), CheckRedirect: c.http.checkRedirect}
	return c, nil
}

type client struct {
	target *target
	http   HTTP
}

// Do implements run.Client.
func (c *client) Do(ctx context.Context, call *run.Call, out *run.Outcome) {
	defer c.Close()
	out.Stream = true
	c.http.Run(ctx, call, out, func(ctx context.Context) error {
		c.http.address(c.target.cfg)
		return c.target.speak(c.http.traced(ctx), &c.http)
	})
}

// Close implements run.Client.
func (c *client) Close() { c.http.Client.CloseIdleConnections() }

// address sets where the call goes, and its header.
func (x *HTTP) address(cfg Config) {
	x.URL = x.Call.URL
	if strings.HasPrefix(x.URL, "/") {
		x.URL = strings.TrimRight(cfg.URL, "/") + x.URL
	}
	x.Host, x.Header = "", make(http.Header, len(x.Call.Header)+2)
	for _, h := range x.Call.Header {
		if strings.EqualFold(h.Name, "Host") {
			x.Host = h.Value
		} else {
			x.Header.Add(h.Name, h.Value)
		}
	}
	x.Default("User-Agent", cfg.UserAgent)
}

// Default sets a header field that the call does not have.
func (x *HTTP) Default(name, value string) {
	if len(x.Header.Values(name)) == 0 {
		x.Header.Set(name, value)
	}
}

func (x *HTTP) traced(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if !x.Out.Opened { // not after a redirect
			x.Begin()
		}
		x.Out.Opened = x.Out.Opened || !info.Reused
	}})
}

var errRedirects = errors.New("more redirects than are followed")

// checkRedirect limits redirects. What proves who is asking is not shown to another origin.
func (x *HTTP) checkRedirect(req *http.Request, via []*http.Request) error {
	switch {
	case x.Call.Redirects == 0:
		return http.ErrUseLastResponse
	case len(via) > x.Call.Redirects:
		return errRedirects
	}
	for _, name := range redirect.Private(x.Call, via[0].URL, req.URL) {
		req.Header.Del(name)
	}
	return nil
}

// Answered notes that the response's header has come. If its status is an error, the beginning of its body is kept as well.
func (x *HTTP) Answered(r *http.Response) (refused bool) {
	x.Out.Status, x.Out.FirstByte = r.StatusCode, x.Since(time.Now())
	if r.StatusCode < http.StatusBadRequest {
		return false
	}
	n, _ := io.ReadFull(r.Body, x.sample[:]) // what has come is kept, if the rest does not
	x.Out.Body, x.Out.BytesIn = x.sample[:n], int64(n)
	return true
}
