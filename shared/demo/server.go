package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// stopTimeout is how long answers under way may take once the server stops.
const stopTimeout = 2 * time.Second

// Server is a shop that listens.
type Server struct {
	listener net.Listener
	shop     *Shop
}

// Listen opens addr, by default a free port on loopback, for a new shop. Connections wait until Run answers them.
func Listen(ctx context.Context, addr string, cfg Config) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cmp.Or(addr, "127.0.0.1:0"))
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return &Server{listener: listener, shop: New(cfg)}, nil
}

// URL is where the shop can be reached, without a closing slash.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() }

// Run answers requests until ctx ends; then it cuts delays short, lets answers under way finish for up to two seconds
// and returns nil. It returns an error when the listener fails.
func (s *Server) Run(ctx context.Context) error {
	server := &http.Server{
		Handler:           s.shop,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("demo: serve: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		_ = server.Close() // whoever still waits for an answer has had his time
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("demo: serve: %w", err)
	}
	return nil
}
