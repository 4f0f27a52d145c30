package ws

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/coder/websocket"

	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// defaultMessage is sent if the call has no body.
const defaultMessage = "ping"

// closeTimeout is how long the server may take to answer that it closes, too.
const closeTimeout = time.Second

// NewTarget returns a target whose exchanges are WebSockets.
func NewTarget(cfg roundtrip.Config) run.Target { return roundtrip.NewTarget(cfg, exchange) }

func exchange(ctx context.Context, x *roundtrip.HTTP) error {
	below := &transport{RoundTripper: x.Client.Transport}
	client := *x.Client
	client.Transport = below
	conn, resp, err := websocket.Dial(ctx, x.URL, &websocket.DialOptions{HTTPClient: &client, HTTPHeader: x.Header, Host: x.Host}) //nolint:bodyclose // the library does
	if resp != nil && x.Answered(resp) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = conn.CloseNow() }() // which hangUp has done unless something is wrong
	conn.SetReadLimit(-1)                  // messages are not kept
	if err := echo(ctx, x, conn); err != nil {
		return err
	}
	hangUp(ctx, conn, below.stream)
	return nil
}

// echo sends the message and waits for an answer, as often as the call tells: once if it tells nothing.
func echo(ctx context.Context, x *roundtrip.HTTP, conn *websocket.Conn) error {
	message, kind := x.Call.Body, websocket.MessageText
	if len(message) == 0 {
		message = []byte(defaultMessage)
	}
	if !utf8.Valid(message) {
		kind = websocket.MessageBinary
	}
	once := x.Call.Events == 0 && x.Call.Until.IsZero()
	for {
		since := time.Now()
		if err := conn.Write(ctx, kind, message); err != nil {
			return closed(x, err)
		}
		x.Out.BytesOut += int64(len(message))
		if err := receive(ctx, x, conn); err != nil {
			return closed(x, err)
		}
		if x.RoundTrip(since) || once {
			return nil
		}
		x.Patience(x.Call.Timeout)
	}
}

func receive(ctx context.Context, x *roundtrip.HTTP, conn *websocket.Conn) error {
	_, answer, err := conn.Reader(ctx)
	if err != nil {
		return err
	}
	n, err := io.Copy(io.Discard, answer)
	x.Out.BytesIn += n
	return err
}

// closed classes an error that may be the server's leave-taking.
func closed(x *roundtrip.HTTP, err error) error {
	if code := websocket.CloseStatus(err); code >= 0 {
		x.Out.ServerEnd = true
		return &roundtrip.Error{Class: load.ErrorClosed, Err: fmt.Errorf("the server closed the WebSocket: %w", err)}
	}
	return err
}

// hangUp closes the WebSocket as the protocol has it. The library would wait for the server for longer, and without a context.
func hangUp(ctx context.Context, conn *websocket.Conn, stream io.Closer) {
	ctx, cancel := context.WithTimeout(ctx, closeTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = stream.Close() })()
	_ = conn.Close(websocket.StatusNormalClosure, "") // all answers have come
}

// transport remembers the stream below a WebSocket.
type transport struct {
	http.RoundTripper

	stream io.Closer
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err == nil {
		t.stream = resp.Body
	}
	return resp, err
}
