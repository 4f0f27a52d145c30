package grpctarget

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/stats"

	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// watch sees what happens on a connection: errors as they are, before gRPC makes texts of them.
type watch struct {
	opened atomic.Bool
	failed atomic.Pointer[error] // why there is no connection; nil: there is one, or was one last
}

// timing is of one call. It is in the context of the call, so that what is told too late concerns no other one.
type timing struct {
	out   *run.Outcome
	first atomic.Pointer[time.Time] // something of the response came
}

type timingKey struct{}

// dial opens the connection.
func (w *watch) dial(ctx context.Context, host string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", host)
	if err != nil {
		w.failed.Store(&err)
		return nil, err
	}
	return conn, nil
}

// handshakes sees how handshakes end.
type handshakes struct {
	credentials.TransportCredentials

	watch *watch
}

// ClientHandshake implements credentials.TransportCredentials.
func (h handshakes) ClientHandshake(ctx context.Context, authority string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	secured, info, err := h.TransportCredentials.ClientHandshake(ctx, authority, conn)
	if err != nil {
		var failed error = &roundtrip.Error{Class: load.ErrorTLS, Err: err}
		h.watch.failed.Store(&failed)
		return nil, nil, err
	}
	h.watch.failed.Store(nil)
	return secured, info, nil
}

// Clone implements credentials.TransportCredentials.
func (h handshakes) Clone() credentials.TransportCredentials {
	return handshakes{h.TransportCredentials.Clone(), h.watch}
}

// TagRPC implements stats.Handler.
func (w *watch) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// TagConn implements stats.Handler.
func (w *watch) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (w *watch) HandleConn(_ context.Context, s stats.ConnStats) {
	if _, ok := s.(*stats.ConnBegin); ok {
		w.opened.Store(true)
	}
}

// HandleRPC implements stats.Handler. What is sent is told by the goroutine of the call, and what is received by that of the connection.
func (w *watch) HandleRPC(ctx context.Context, s stats.RPCStats) {
	t, ok := ctx.Value(timingKey{}).(*timing)
	if !ok {
		return
	}
	switch s := s.(type) {
	case *stats.OutPayload:
		t.out.BytesOut += int64(s.Length)
	case *stats.InHeader, *stats.InTrailer:
		now := time.Now()
		t.first.CompareAndSwap(nil, &now)
	}
}
