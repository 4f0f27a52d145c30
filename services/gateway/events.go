package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/loadpilot/loadpilot/shared/load"
)

// The types of the messages of a stream.
const (
	EventState  = "state"  // the run record changed its state
	EventLive   = "live"   // once a second while the run is under way
	EventResult = "result" // the last message
)

// StateEvent tells the state of a run.
type StateEvent struct {
	Type string `json:"type" enum:"state"`
	Run  Run    `json:"run"`
}

// LiveEvent is a live line.
type LiveEvent struct {
	Type string `json:"type" enum:"live"`
	load.Live
}

// ResultEvent ends a stream. The result is absent if nobody has published one.
type ResultEvent struct {
	Type   string    `json:"type" enum:"result"`
	Run    Run       `json:"run"`
	Result RawResult `json:"result,omitempty"`
}

const ndjson = "application/x-ndjson"

type eventsInput struct {
	RunPath
	Accept string `header:"Accept" doc:"application/x-ndjson for a JSON document a line; else server-sent events"`
}

// events streams what happens to a run. It subscribes before it reads the record, so that nothing falls between.
func (s *Service) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	changes, leave := s.states.subscribe(in.ID)
	getCtx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	run, err := s.run(getCtx, in.ID)
	if err != nil {
		leave()
		return nil, s.problem(err)
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		_, w := humago.Unwrap(hc)
		out := newStream(w, strings.Contains(in.Accept, ndjson), s.cfg.WriteTimeout)
		if err := s.follow(ctx, run, changes, out); err != nil {
			s.deps.Logger.Debug("stream ended early", "run", in.ID, "error", err)
		}
	}}, nil
}

// follow writes the state and its changes, the live lines between them, and the result. It returns an error if the client
// or the bus is gone, the client does not keep up, or the service ends.
func (s *Service) follow(ctx context.Context, run load.Run, changes <-chan load.Run, out *stream) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var lines <-chan []byte
	leave := func() {}
	if !run.State.Final() {
		lines, leave = s.hub.listen(run.ID, func() {
			cancel(errSlow)
			out.cut()
		})
		defer leave()
	}
	if err := out.send(EventState, StateEvent{Type: EventState, Run: viewRun(run)}); err != nil {
		return err
	}
	run, err := s.relay(ctx, run, changes, lines, out)
	if err != nil {
		return err
	}
	leave() // no line comes any more that it could be behind by
	result, err := s.awaitResult(ctx, run.ID)
	if err != nil {
		return err
	}
	return out.send(EventResult, ResultEvent{Type: EventResult, Run: viewRun(run), Result: result})
}

// What breaks a stream off, apart from its client: the service ends, and the client may go on at another gateway; or the
// client does not take what it is sent as fast as it comes.
var (
	errEnding = errors.New("the gateway ends")
	errSlow   = errors.New("the client does not keep up")
)

// relay passes changes and live lines on until the run has ended, and returns its last record.
func (s *Service) relay(
	ctx context.Context, run load.Run, changes <-chan load.Run, lines <-chan []byte, out *stream,
) (load.Run, error) {
	silent := time.NewTicker(s.cfg.KeepAlive)
	defer silent.Stop()
	for !run.State.Final() {
		var err error
		select {
		case <-ctx.Done():
			return run, context.Cause(ctx)
		case <-s.draining:
			return run, errEnding
		case <-silent.C:
			err = out.keepAlive()
		case line, ok := <-lines:
			if !ok {
				return run, errors.New("the live lines ended")
			}
			if ctx.Err() != nil { // what it was behind by is of no use any more
				return run, context.Cause(ctx)
			}
			err = out.sendEncoded(EventLive, line)
		case next := <-changes:
			if next.Revision <= run.Revision {
				continue // known from the record that was read
			}
			told := run.State
			if run = next; run.State != told {
				err = out.send(EventState, StateEvent{Type: EventState, Run: viewRun(run)})
			}
		}
		if err != nil {
			return run, cmp.Or(context.Cause(ctx), err)
		}
	}
	return run, nil
}

// Intervals at which a result that must come soon is asked for.
const (
	resultPollFirst = 20 * time.Millisecond
	resultPollMost  = 500 * time.Millisecond
)

// awaitResult returns the final result of a run that has ended; nil if nobody has published one within the result wait. It
// fails with errEnding if the service ends first, and if the client has gone or the bus does not answer: nobody knows then whether
// there is one.
func (s *Service) awaitResult(parent context.Context, runID string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(parent, s.cfg.ResultWait)
	defer cancel()
	for pause := resultPollFirst; ; pause = min(2*pause, resultPollMost) {
		result, err := s.deps.Results.Result(ctx, runID)
		if err == nil {
			return result, nil
		}
		if !errors.Is(err, load.ErrNotFound) {
			return nil, fmt.Errorf("result of run %s: %w", runID, err)
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(parent) // nil if only the wait is over
		case <-s.draining:
			return nil, errEnding
		case <-time.After(pause):
		}
	}
}

// stream writes messages to one client, as server-sent events or as a JSON document a line.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	lines   bool
	timeout time.Duration // of a write
}

func newStream(w http.ResponseWriter, lines bool, timeout time.Duration) *stream {
	media := "text/event-stream"
	if lines {
		media = ndjson
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	return &stream{w: w, control: http.NewResponseController(w), lines: lines, timeout: timeout}
}

func (s *stream) send(event string, message any) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode a %s message: %w", event, err)
	}
	return s.sendEncoded(event, body)
}

func (s *stream) sendEncoded(event string, body []byte) error {
	if s.lines {
		return s.write("%s\n", body)
	}
	return s.write("event: %s\ndata: %s\n\n", event, body)
}

// keepAlive writes what a reader skips.
func (s *stream) keepAlive() error {
	if s.lines {
		return s.write("\n")
	}
	return s.write(": still there\n\n")
}

func (s *stream) write(format string, args ...any) error {
	if err := s.control.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
		return fmt.Errorf("set a write deadline: %w", err)
	}
	if _, err := fmt.Fprintf(s.w, format, args...); err != nil {
		return fmt.Errorf("write to the client: %w", err)
	}
	if err := s.control.Flush(); err != nil {
		return fmt.Errorf("write to the client: %w", err)
	}
	return nil
}

// cut fails the write under way, of a client that does not read. It does no harm to be called while the stream is written to.
func (s *stream) cut() { _ = s.control.SetWriteDeadline(time.Now()) }

// describeEvents documents the stream.
func describeEvents(reg huma.Registry) *huma.Response {
	message := &huma.MediaType{Schema: &huma.Schema{OneOf: []*huma.Schema{
		reg.Schema(typeOf[StateEvent](), true, "StateEvent"),
		reg.Schema(typeOf[LiveEvent](), true, "LiveEvent"),
		reg.Schema(typeOf[ResultEvent](), true, "ResultEvent"),
	}}}
	return &huma.Response{
		Description: "State changes and live lines, and the result as the last message",
		Content:     map[string]*huma.MediaType{"text/event-stream": message, ndjson: message},
	}
}
