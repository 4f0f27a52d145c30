package grpctarget

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"math"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

type target struct {
	address

	insecure bool // any certificate will do
	streams  bool // the method answers with a stream
	timeout  time.Duration
}

// Mode implements run.Target.
func (t *target) Mode() run.Mode { return run.ModeSocket }

// Close implements run.Target.
func (t *target) Close() error { return nil }

// NewClient implements run.Target. The connection stands when it returns, unless it cannot be made: that is for the calls to tell.
func (t *target) NewClient(ctx context.Context) (run.Client, error) {
	c := &client{target: t}
	var err error
	if c.conn, err = t.dial(&c.watch); err != nil {
		return nil, err
	}
	c.conn.Connect()
	for {
		state := c.conn.GetState()
		if state == connectivity.Ready || state == connectivity.TransientFailure || !c.conn.WaitForStateChange(ctx, state) {
			return c, nil
		}
	}
}

// retries is how soon a connection that could not be made is tried again. Calls fail meanwhile.
var retries = backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second}

// dial returns a connection, which is not made yet. A call is sent at most once; there is no proxy and nothing but one address.
func (t *target) dial(w *watch) (*grpc.ClientConn, error) {
	secure := insecure.NewCredentials()
	if t.secure {
		secure = credentials.NewTLS(&tls.Config{InsecureSkipVerify: t.insecure}) //nolint:gosec // the user says so
	}
	return grpc.NewClient("passthrough:///"+t.host,
		grpc.WithTransportCredentials(handshakes{secure, w}),
		grpc.WithContextDialer(w.dial),
		grpc.WithStatsHandler(w),
		grpc.WithConnectParams(grpc.ConnectParams{Backoff: retries, MinConnectTimeout: t.timeout}),
		grpc.WithIdleTimeout(0),
		grpc.WithDisableServiceConfig(),
		grpc.WithDisableRetry(),
	)
}

// client makes calls over a connection of its own.
type client struct {
	roundtrip.Exchange

	target *target
	conn   *grpc.ClientConn
	watch  watch
	timing *timing // of the call under way
}

// Do implements run.Client.
func (c *client) Do(ctx context.Context, call *run.Call, out *run.Outcome) {
	this, speak := *call, c.stream
	if !c.target.streams {
		this.Events = 0 // it is about streams
		speak = c.unary
	}
	c.timing = &timing{out: out}
	ctx = context.WithValue(metadata.NewOutgoingContext(ctx, headerOf(call.Header)), timingKey{}, c.timing)
	out.Stream = c.target.streams
	c.Run(ctx, &this, out, speak)
	out.Opened = c.watch.opened.Swap(false)
	if first := c.timing.first.Load(); first != nil {
		out.FirstByte = c.Since(*first)
	}
}

// Close implements run.Client.
func (c *client) Close() { _ = c.conn.Close() } // it fails only if it was closed before

func (c *client) unary(ctx context.Context) error {
	return c.judge(ctx, c.conn.Invoke(ctx, c.target.path(), c.Call.Body, &c.Out.BytesIn, grpc.ForceCodecV2(codec{})))
}

func (c *client) stream(ctx context.Context) error {
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, c.target.path(), grpc.ForceCodecV2(codec{}))
	if err != nil {
		return c.judge(ctx, err)
	}
	if err := stream.SendMsg(c.Call.Body); err != nil && !errors.Is(err, io.EOF) { // after an EOF the reason can be received
		return c.judge(ctx, err)
	}
	if err := stream.CloseSend(); err != nil {
		return c.judge(ctx, err)
	}
	for {
		err := stream.RecvMsg(&c.Out.BytesIn)
		if errors.Is(err, io.EOF) {
			c.Out.ServerEnd = true
			return c.judge(ctx, nil)
		}
		if err != nil {
			return c.judge(ctx, err)
		}
		c.Out.Code = codes.OK.String() // unless another one comes
		if c.Events(1) {
			return nil
		}
		c.Patience(math.MaxInt64)
	}
}

// judge classes the end of a call.
func (c *client) judge(ctx context.Context, err error) error {
	code, message := status.Code(err), status.Convert(err).Message()
	class := load.ErrorProtocol
	failed := c.watch.failed.Load()
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err == nil:
		c.Out.Code = code.String()
		return nil
	case strings.HasPrefix(message, lost):
		class = load.ErrorClosed
	case c.timing.first.Load() != nil:
		c.Out.Code = code.String()
		class = "grpc_" + code.String()
	case failed != nil:
		return *failed
	case code == codes.Unavailable && !strings.Contains(message, noPreface):
		class = load.ErrorClosed
	}
	return &roundtrip.Error{Class: class, Err: errors.New(message)}
}

// What grpc-go has no other names for.
const (
	lost      = "error reading from server"    // begins what is said of a connection that broke
	noPreface = "error reading server preface" // is said of what does not speak HTTP/2
)

// codec sends messages that are encoded already, and counts the bytes of those that are received.
type codec struct{}

// Marshal implements encoding.CodecV2.
func (codec) Marshal(v any) (mem.BufferSlice, error) {
	message, _ := v.([]byte)
	return mem.BufferSlice{mem.SliceBuffer(message)}, nil
}

// Unmarshal implements encoding.CodecV2.
func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	if bytes, ok := v.(*int64); ok {
		*bytes += int64(data.Len())
	}
	return nil
}

// Name implements encoding.CodecV2.
func (codec) Name() string { return "proto" }
