package httpdriver

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// forwarder is an HTTP proxy that notes what it was asked.
type forwarder struct {
	refuse    int    // status of all answers; 0: it forwards
	connected string // status line of a tunnel; "": the usual one
	mu        sync.Mutex
	asked     []string
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, fmt.Sprintf("%s %s %s|%s", r.Method, r.RequestURI, r.Header.Get("Proxy-Authorization"), r.Header.Get("Authorization")))
	f.mu.Unlock()
	if f.refuse != 0 {
		w.WriteHeader(f.refuse)
		return
	}
	if r.Method != http.MethodConnect {
		r.RequestURI = ""
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer resp.Body.Close()
		w.WriteHeader(resp.StatusCode)
		io.Copy(w, resp.Body)
		return
	}
	there, err := new(net.Dialer).DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer there.Close()
	here, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer here.Close()
	io.WriteString(here, "HTTP/1.1 "+cmp.Or(f.connected, "200 Connection established")+"\r\n\r\n")
	var both sync.WaitGroup
	both.Go(func() { io.Copy(there, here); there.(*net.TCPConn).CloseWrite() })
	both.Go(func() { io.Copy(here, there); here.(*net.TCPConn).CloseWrite() })
	both.Wait()
}

func TestProxy(t *testing.T) {
	t.Parallel()
	hello := func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host, r.URL, r.Header.Get("Proxy-Authorization"))
	}
	plain, secure := serve(t, hello), serveTLS(t, hello, nil)
	auth := "Basic " + base64.StdEncoding.EncodeToString([]byte("me:s3cret"))
	for name, tt := range map[string]struct{ target, ca, asked string }{
		"absolute-form": {plain.URL, "", "GET " + plain.URL + "/a?b " + auth + "|own"},
		"tunnel":        {secure.URL, pemOf(secure), "CONNECT " + strings.TrimPrefix(secure.URL, "https://") + " " + auth + "|"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &forwarder{}
			proxy := serve(t, f.ServeHTTP)
			s := newSession(t, tt.target, func(c *Config) {
				c.Transport.Proxy, c.Credentials.ProxyUser, c.Credentials.CA = proxy.URL, "me:s3cret", tt.ca
			})
			for range 2 {
				x := &Exchange{}
				s.Do(t.Context(), x, &scenario.Request{Method: "GET", URL: "/a?b", Header: []scenario.Field{{Name: "Authorization", Value: "own"}}})
				require.NoError(t, x.Response.Err)
				_, host, _ := strings.Cut(tt.target, "://")
				require.Equal(t, host+"/a?b", strings.TrimSuffix(string(x.Response.Body), auth))
			}
			require.Equal(t, tt.asked, f.asked[0])
			require.Len(t, s.idle, 1)
			s.Close()
		})
	}
}

// Any 2xx is a tunnel, by RFC 9110, section 9.3.6.
func TestTunnelsByOtherStatuses(t *testing.T) {
	t.Parallel()
	secure := serveTLS(t, func(http.ResponseWriter, *http.Request) {}, nil)
	for _, connected := range []string{"201 Created", "204 No Content", "299 Fine"} {
		proxy := serve(t, (&forwarder{connected: connected}).ServeHTTP)
		s := newSession(t, secure.URL, func(c *Config) { c.Transport.Proxy, c.Credentials.CA = proxy.URL, pemOf(secure) })
		require.NoError(t, get(s, "/").Response.Err, connected)
		s.Close()
	}
}

func TestProxiesThatDoNotServe(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	down := "http://" + l.Addr().String()
	l.Close()
	refusing := serve(t, (&forwarder{refuse: http.StatusProxyAuthRequired}).ServeHTTP)
	silent := raw(t, func(_ net.Conn, r *bufio.Reader) { io.Copy(io.Discard, r) })
	closing := raw(t, func(net.Conn, *bufio.Reader) {})
	stalling := raw(t, func(c net.Conn, r *bufio.Reader) {
		io.WriteString(c, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 100\r\n\r\nhalf of it")
		io.Copy(io.Discard, r)
	})
	for name, tt := range map[string]struct {
		proxy, target, class, says string
		status                     int
	}{
		"down":               {down, "https://127.0.0.1:1", load.ErrorProxy, "refused", 0},
		"down, plain":        {down, "http://127.0.0.1:1", load.ErrorProxy, "refused", 0},
		"refuses to connect": {refusing.URL, "https://127.0.0.1:1", load.ErrorProxy, "407 Proxy Authentication Required", 0},
		"does not finish":    {stalling, "https://127.0.0.1:1", load.ErrorProxy, "407 Proxy Authentication Required", 0},
		"refuses":            {refusing.URL, "http://127.0.0.1:1", "", "", http.StatusProxyAuthRequired},
		"closes":             {closing, "https://127.0.0.1:1", load.ErrorProxy, "proxy: receive: ", 0},
		"says nothing":       {silent, "https://127.0.0.1:1", load.ErrorTimeout, "", 0},
		"unknown":            {"http://proxy.invalid:3128", "https://127.0.0.1:1", load.ErrorDNS, "proxy.invalid", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSession(t, tt.target, func(c *Config) {
				c.Transport.Proxy, c.Credentials.ProxyUser, c.Timeout = tt.proxy, "me:s3cret", 500*time.Millisecond
			})
			x := get(s, "/")
			require.Equal(t, tt.class, x.Response.Class, "%v", x.Response.Err)
			require.Equal(t, tt.status, x.Response.Status)
			require.NotEqual(t, LinkRefused, x.Link.State, "the target did not refuse")
			if tt.class != "" {
				require.ErrorContains(t, x.Response.Err, tt.says)
				require.NotContains(t, x.Response.Err.Error(), "s3cret")
			}
		})
	}
}
