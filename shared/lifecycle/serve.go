package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// HTTP limits: how long a client may take to send its headers, and answers under way once the server stops.
const (
	readHeaderTimeout = 10 * time.Second
	stopTimeout       = 2 * time.Second
)

// WithHTTP2 makes a server without TLS speak HTTP/2 as well, to clients that know it does.
func WithHTTP2(server *http.Server) {
	server.Protocols = new(http.Protocols)
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
}

// Serve answers the requests of a listener, which it closes, until ctx ends; answers under way then have two seconds to
// finish. Requests carry ctx, so that one who waits for long can see its end. Options change the server before it begins. An error
// means that the listener failed.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, options ...func(*http.Server)) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	for _, set := range options {
		set(server)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := server.Shutdown(stopping); err != nil {
		_ = server.Close() // whoever still waits for an answer has had his time
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	return nil
}
