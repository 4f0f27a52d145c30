package httpdriver

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// serveTLS starts an HTTPS server that a test may change before it starts.
func serveTLS(tb testing.TB, h http.HandlerFunc, change func(*httptest.Server)) *httptest.Server {
	tb.Helper()
	srv := httptest.NewUnstartedServer(h)
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	if change != nil {
		change(srv)
	}
	srv.StartTLS()
	tb.Cleanup(srv.Close)
	return srv
}

func portOf(tb testing.TB, rawURL string) string {
	tb.Helper()
	u, err := url.Parse(rawURL)
	require.NoError(tb, err)
	return u.Port()
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	ca, stranger := newAuthority(t), newAuthority(t)
	hello := func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.TLS.ServerName) }
	open := serveTLS(t, hello, func(s *httptest.Server) {
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{ca.pair(t, "shop.test")}}
	})
	mutual := serveTLS(t, hello, func(s *httptest.Server) {
		s.TLS = &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{ca.pair(t, "127.0.0.1")},
			ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
		}
	})
	cert, key := ca.sign(t, "ada")
	otherCert, otherKey := stranger.sign(t, "ada")
	for name, tt := range map[string]struct {
		target      string
		transport   load.Transport
		credentials load.Credentials
		class, says string
	}{
		"unknown authority":         {open.URL, load.Transport{ServerName: "shop.test"}, load.Credentials{}, load.ErrorTLS, "unknown authority"},
		"another authority":         {open.URL, load.Transport{ServerName: "shop.test"}, load.Credentials{CA: stranger.pem()}, load.ErrorTLS, "unknown authority"},
		"another host":              {open.URL, load.Transport{}, load.Credentials{CA: ca.pem()}, load.ErrorTLS, "127.0.0.1"},
		"another name":              {open.URL, load.Transport{ServerName: "other.test"}, load.Credentials{CA: ca.pem()}, load.ErrorTLS, "other.test"},
		"its name":                  {open.URL, load.Transport{ServerName: "shop.test"}, load.Credentials{CA: ca.pem()}, "", "shop.test"},
		"unverified":                {open.URL, load.Transport{Insecure: true}, load.Credentials{}, "", ""},
		"unverified, with a name":   {open.URL, load.Transport{Insecure: true, ServerName: "any.test"}, load.Credentials{}, "", "any.test"},
		"client certificate":        {mutual.URL, load.Transport{}, load.Credentials{CA: ca.pem(), Cert: cert, Key: key}, "", ""},
		"no client certificate":     {mutual.URL, load.Transport{}, load.Credentials{CA: ca.pem()}, load.ErrorTLS, "certificate required"},
		"that of another authority": {mutual.URL, load.Transport{}, load.Credentials{CA: ca.pem(), Cert: otherCert, Key: otherKey}, load.ErrorTLS, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, tt.target, func(c *Config) { c.Transport, c.Credentials = tt.transport, tt.credentials })
			x := get(s, "/")
			require.Equal(t, tt.class, x.Response.Class, "%v", x.Response.Err)
			if tt.class == "" {
				require.Equal(t, tt.says, string(x.Response.Body))
			} else {
				require.ErrorContains(t, x.Response.Err, tt.says)
			}
		})
	}
}

// One user resumes its TLS sessions; another one is a client of its own.
func TestResumption(t *testing.T) {
	t.Parallel()
	srv := serveTLS(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		fmt.Fprint(w, r.TLS.DidResume)
	}, nil)
	s := newSession(t, srv.URL, func(c *Config) { c.Transport.Insecure = true })
	other := s.driver.NewSession()
	require.Equal(t, "false", string(get(s, "/").Response.Body))
	require.Equal(t, "true", string(get(s, "/").Response.Body))
	require.Equal(t, "false", string(get(other, "/").Response.Body))
}

func TestResolveInPlaceOfTheNameServer(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Host) })
	port := portOf(t, srv.URL)
	s := newSession(t, "http://Shop.invalid:"+port, func(c *Config) {
		c.Transport.Resolve = []load.Resolve{{Host: "shop.invalid", Port: port, Address: "127.0.0.1"}}
	})
	x := get(s, "/")
	require.NoError(t, x.Response.Err)
	require.Equal(t, "Shop.invalid:"+port, string(x.Response.Body))
	require.Equal(t, load.ErrorDNS, get(s, "http://other.invalid:"+port+"/").Response.Class)
	require.Equal(t, load.ErrorDNS, get(s, "http://shop.invalid:1/").Response.Class, "another port is not meant")
}

func TestSourceAddress(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprint(w, host)
	})
	s := newSession(t, srv.URL, func(c *Config) { c.Transport.SourceAddress = "127.0.0.1" })
	require.Equal(t, "127.0.0.1", string(get(s, "/").Response.Body))
	s = newSession(t, srv.URL, func(c *Config) { c.Transport.SourceAddress = "192.0.2.1" })
	require.Equal(t, load.ErrorGenerator, get(s, "/").Response.Class, "this machine has no such address")
	s = newSession(t, srv.URL, func(c *Config) { c.Transport.SourceAddress = "::1" })
	require.ErrorIs(t, get(s, "/").Response.Err, errFamily)
}

func TestHeadersOfTheRun(t *testing.T) {
	t.Parallel()
	show := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host, "|", r.UserAgent(), "|", strings.Join(r.Header["Accept-Encoding"], ";"), "|", strings.Join(r.Header["X-Tenant"], ";"))
	}
	srv, other := serve(t, show), serve(t, show)
	s := newSession(t, srv.URL, func(c *Config) {
		c.Credentials.Headers = []load.Header{
			{Name: "X-Tenant", Value: "blue"},
			{Name: "x-tenant", Value: "red"},
			{Name: "host", Value: "shop.test"},
			{Name: "user-agent", Value: "me"},
			{Name: "accept-encoding", Value: "br"},
		}
	})
	require.Equal(t, "shop.test|me|br|blue;red", string(get(s, "/").Response.Body))
	require.Equal(t, "shop.test|me|br|blue;red", string(get(s, srv.URL+"/absolute").Response.Body))
	require.Equal(t, strings.TrimPrefix(other.URL, "http://")+"|loadpilot/test|gzip, deflate|", string(get(s, other.URL+"/").Response.Body),
		"others are not to know")
	x := &Exchange{}
	s.Do(t.Context(), x, &scenario.Request{Method: "GET", URL: "/", Header: []scenario.Field{
		{Name: "x-Tenant", Value: "own"}, {Name: "User-Agent", Value: "script"},
	}})
	require.Equal(t, "shop.test|script|br|own", string(x.Response.Body), "those of the script win")
}

func TestConnectTimeoutOfTheRun(t *testing.T) {
	t.Parallel()
	const limit = 200 * time.Millisecond
	stalled := raw(t, func(_ net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) })
	s := newSession(t, strings.Replace(stalled, "http:", "https:", 1), func(c *Config) { c.Transport.ConnectTimeout = limit })
	x := get(s, "/")
	require.Equal(t, load.ErrorTimeout, x.Response.Class)
	require.Equal(t, scenario.StageConnect, x.Response.Stage)
	require.GreaterOrEqual(t, x.Done-x.Asked, limit)
	require.Less(t, x.Done-x.Asked, s.driver.cfg.Timeout)

	for name, h2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2": true} {
		s := newSession(t, strings.Replace(stalled, "http:", "https:", 1), func(c *Config) {
			c.Transport.ConnectTimeout, c.Transport.HTTP2, c.Timeout = limit, h2, time.Hour
		})
		link, err := s.Connect(t.Context())
		require.ErrorIs(t, err, context.DeadlineExceeded, name)
		require.Equal(t, LinkFailed, link.State, name)
	}

	slow := serve(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-time.After(2 * limit):
		}
	})
	s = newSession(t, slow.URL, func(c *Config) { c.Transport.ConnectTimeout = limit })
	require.NoError(t, get(s, "/").Response.Err, "it is over once a connection stands")
}

func TestWhatScriptsCanFillIsBounded(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(http.ResponseWriter, *http.Request) {})
	s := newSession(t, srv.URL, nil)
	require.NoError(t, get(s, "/").Response.Err)
	for i := range mostHosts + 10 {
		_, err := s.driver.host(fmt.Sprintf("http://host%d.test", i))
		require.NoError(t, err)
	}
	require.Len(t, s.driver.hosts, mostHosts)
	require.Same(t, s.driver.target, s.driver.hosts[srv.URL])
	again, err := s.driver.host(strings.Replace(srv.URL, "http", "HTTP", 1))
	require.NoError(t, err)
	require.True(t, again.ours)
	require.Equal(t, LinkReused, get(s, "/").Link.State)
}
