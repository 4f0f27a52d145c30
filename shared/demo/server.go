package demo

import (
	"cmp"
	"context"
	"fmt"
	"net"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
)

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
	if err := lifecycle.Serve(ctx, s.listener, s.shop, lifecycle.WithHTTP2); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}
