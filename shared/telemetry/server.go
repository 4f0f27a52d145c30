package telemetry

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
)

// NewRegistry returns a registry that already has the metrics of the Go runtime and of the process.
func NewRegistry() *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return registry
}

// NewHandler answers /livez (200 as long as the process can answer at all), /readyz (200 or 503, with what each check
// of health says) and /metrics.
func NewHandler(registry *prometheus.Registry, health *Health) *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", health.ready)
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	return mux
}

// Server shows one process to its operator.
type Server struct {
	listener net.Listener
	mux      *http.ServeMux
}

// Listen opens addr for the answers of NewHandler. Profiles under /debug/pprof/ are there only when addr is on
// loopback: they show memory, and cost time.
func Listen(ctx context.Context, addr string, registry *prometheus.Registry, health *Health) (*Server, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("telemetry: %w", err)
	}
	mux := NewHandler(registry, health)
	if tcp, ok := listener.Addr().(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		mux.HandleFunc("GET /debug/pprof/", pprof.Index)
		mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
		mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	}
	return &Server{listener: listener, mux: mux}, nil
}

// Addr is where the server listens, as host:port.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Run answers until ctx ends.
func (s *Server) Run(ctx context.Context) error {
	if err := lifecycle.Serve(ctx, s.listener, s.mux); err != nil {
		return fmt.Errorf("telemetry: %w", err)
	}
	return nil
}
