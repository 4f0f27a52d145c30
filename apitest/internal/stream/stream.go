package stream

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"

	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// readBuffer is how much is read at once. A piece of a body that is no stream of events is an event only if it fits.
const readBuffer = 32 << 10

// NewTarget returns a target whose exchanges are streams.
func NewTarget(cfg roundtrip.Config) run.Target { return roundtrip.NewTarget(cfg, exchange) }

func exchange(ctx context.Context, x *roundtrip.HTTP) error {
	req, err := http.NewRequestWithContext(ctx, x.Call.Method, x.URL, bytes.NewReader(x.Call.Body))
	if err != nil {
		return err
	}
	x.Default("Accept", "text/event-stream, */*;q=0.5")
	req.Header, req.Host = x.Header, x.Host
	resp, err := x.Client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // it was read as far as it matters
	x.Out.BytesOut = int64(len(x.Call.Body))
	if x.Answered(resp) {
		return nil
	}
	return read(&x.Exchange, resp.Body, newSplitter(resp.Header.Get("Content-Type")))
}

// read counts the events of a body until there are enough, or until it ends.
func read(x *roundtrip.Exchange, body io.Reader, split splitter) error {
	buffer := make([]byte, readBuffer)
	for {
		n, err := body.Read(buffer)
		x.Out.BytesIn += int64(n)
		events := split.feed(buffer[:n])
		x.Out.ServerEnd = errors.Is(err, io.EOF)
		if x.Out.ServerEnd {
			events += split.end()
		}
		switch {
		case x.Events(events), x.Out.ServerEnd:
			return nil
		case err != nil:
			return err
		case x.Out.Events > 0:
			x.Patience(math.MaxInt64) // a stream may be silent
		}
	}
}
