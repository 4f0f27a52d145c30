package gateway

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// handler serves the API, the pages and what operators look at. A page of another origin cannot make a browser start runs, not
// even one that gave its own name the gateway's address.
func (s *Service) handler() http.Handler {
	access := access{s.cfg.Token, s.cfg.ReadToken}
	mux := http.NewServeMux()
	if s.deps.Web != nil {
		mux.Handle("GET /{$}", s.deps.Web)
		mux.Handle("GET "+assetsPath, s.deps.Web)
	}
	if access.token != "" {
		mux.HandleFunc("POST "+loginPath, access.login)
	}
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		mux.Handle("GET "+path, s.deps.Ops)
	}
	config := huma.DefaultConfig("LoadPilot", s.deps.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/v1/openapi", "", ""
	config.CreateHooks = nil // no $schema links in the answers
	config.Transformers = []huma.Transformer{asProblem}
	access.describe(&config)
	s.register(humago.New(mux, config))

	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "Origin", "Origin: a page of another origin may not do this"))
	}))
	guarded := s.guardHost(access.guard(origin.Handler(orProblem(mux))))
	return s.boundBody(promhttp.InstrumentHandlerCounter(s.answers, harden(s.recovered(guarded))))
}

// boundBody ends the wait for a body that does not arrive. Also an answer that needs no body, such as a refusal, is sent only when
// the server has read the rest of it. Operations that take one set a time of their own. The server takes the deadline off at the end of the body.
func (s *Service) boundBody(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength != 0 {
			_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(s.cfg.BodyTimeout)) // fails if the connection has
		}
		next.ServeHTTP(w, r)
	})
}

// recovered answers for a handler that panics. An answer that has begun breaks off.
func (s *Service) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := &begun{ResponseWriter: w}
		defer func() {
			failure := recover()
			if failure == nil {
				return
			}
			if failure != http.ErrAbortHandler { //nolint:errorlint // it is compared as net/http does
				s.deps.Logger.Error("request panicked", "method", r.Method, "path", r.URL.Path, "panic", failure, "stack", string(debug.Stack()))
			}
			if begun.is {
				panic(http.ErrAbortHandler)
			}
			writeProblem(w, newProblem(http.StatusInternalServerError, "", internalError))
		}()
		next.ServeHTTP(begun, r)
	})
}

// begun knows whether an answer has begun.
type begun struct {
	http.ResponseWriter

	is bool
}

// Unwrap is for http.ResponseController.
func (b *begun) Unwrap() http.ResponseWriter { return b.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (b *begun) WriteHeader(status int) {
	b.is = true
	b.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (b *begun) Write(p []byte) (int, error) {
	b.is = true
	return b.ResponseWriter.Write(p) //nolint:wrapcheck // it is that of what is wrapped
}

// guardHost lets nobody reach a listener on loopback by a name that is not known to mean it: a page whose name was bound to
// loopback after it was loaded is of the same origin to its browser. Elsewhere a gateway cannot know its names.
func (s *Service) guardHost(next http.Handler) http.Handler {
	addr, ok := s.deps.Listener.Addr().(*net.TCPAddr)
	if !ok || !addr.IP.IsLoopback() {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knows(r.Host) {
			writeProblem(w, newProblem(http.StatusForbidden, "Host",
				fmt.Sprintf("Host: the gateway is not known as %q; use its address or localhost", r.Host)))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// knows reports whether a Host is an IP address, localhost or one of the configured names, with any port or none.
func (s *Service) knows(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	isName := func(known string) bool { return strings.EqualFold(known, name) }
	return isName("localhost") || slices.ContainsFunc(s.cfg.Hosts, isName)
}

// orProblem serves what the mux has a route for and answers the rest with the mux's verdict, 404 or 405, as a problem.
func orProblem(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refusal, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		verdict := headers{}
		refusal.ServeHTTP(verdict, r)
		allow := verdict.Header().Get("Allow")
		if allow == "" {
			writeProblem(w, newProblem(http.StatusNotFound, "", "there is no "+r.URL.Path))
			return
		}
		w.Header().Set("Allow", allow)
		writeProblem(w, newProblem(http.StatusMethodNotAllowed, "", fmt.Sprintf("%s takes %s, not %s", r.URL.Path, allow, r.Method)))
	})
}

// headers is what is of interest in an answer that is not sent.
type headers http.Header

// Header implements http.ResponseWriter.
func (h headers) Header() http.Header { return http.Header(h) }

// Write implements http.ResponseWriter.
func (headers) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader implements http.ResponseWriter.
func (headers) WriteHeader(int) {}
