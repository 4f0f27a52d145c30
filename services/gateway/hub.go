package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	// listenerBacklog is how many live lines a client may be behind before it is dropped.
	listenerBacklog = 16
	// maxSeries is how many seconds of a run are kept, about a megabyte.
	maxSeries = 7200
	// reopenPause is how long after a feed has broken off it is opened again.
	reopenPause = time.Second
)

// hub follows the runs that are under way, each with one subscription, and hands every live line, encoded once, to the
// clients that listen to its run. A client that does not keep up is dropped: nothing waits for it, and nothing is stored for
// it. The hub keeps the seconds that the lines tell of, for clients that come later.
type hub struct {
	live    LiveFeed
	log     *slog.Logger
	workers sync.WaitGroup // one for each feed
	dropped atomic.Int64   // clients

	mu     sync.Mutex
	feeds  map[string]*feed // by run id
	closed bool
}

// feed is what the hub has of a run. It lasts while the run is under way or somebody listens.
type feed struct {
	run       string
	underway  bool
	listeners map[*listener]struct{}
	seconds   map[int]load.Second
	cancel    context.CancelFunc
}

// listener is a client of a feed.
type listener struct {
	frames chan []byte // live lines as JSON; closed if the feed breaks off
	drop   func()      // tells a client that it has been dropped; it must not wait
}

func newHub(live LiveFeed, log *slog.Logger) *hub {
	return &hub{live: live, log: log, feeds: map[string]*feed{}}
}

// observe takes note of the state of a run.
func (h *hub) observe(run load.Run) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[run.ID]
	if f == nil && !run.State.Final() && !h.closed {
		f = h.open(run.ID)
	}
	if f != nil {
		f.underway = !run.State.Final()
		h.release(f)
	}
}

// listen returns the live lines of a run from now on, until leave is called. A client that does not take them is dropped.
func (h *hub) listen(runID string, drop func()) (lines <-chan []byte, leave func()) {
	l := &listener{frames: make(chan []byte, listenerBacklog), drop: drop}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(l.frames)
		return l.frames, func() {}
	}
	f := h.feeds[runID]
	if f == nil {
		f = h.open(runID)
	}
	f.listeners[l] = struct{}{}
	return l.frames, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(f.listeners, l)
		h.release(f)
	}
}

// series returns the seconds of a run that are known, in order.
func (h *hub) series(runID string) []load.Second {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.feeds[runID]
	if f == nil {
		return nil
	}
	return inOrder(f.seconds)
}

// inOrder returns seconds by their numbers.
func inOrder(seconds map[int]load.Second) []load.Second {
	out := make([]load.Second, 0, len(seconds))
	for _, second := range slices.Sorted(maps.Keys(seconds)) {
		out = append(out, seconds[second])
	}
	return out
}

// listening returns how many clients listen.
func (h *hub) listening() (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range h.feeds {
		n += len(f.listeners)
	}
	return n
}

// close ends all feeds and waits for them.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	for _, f := range h.feeds {
		f.cancel()
	}
	h.mu.Unlock()
	h.workers.Wait()
}

// open starts a feed. The caller holds the lock.
func (h *hub) open(runID string) *feed {
	ctx, cancel := context.WithCancel(context.Background())
	f := &feed{run: runID, listeners: map[*listener]struct{}{}, seconds: map[int]load.Second{}, cancel: cancel}
	h.feeds[runID] = f
	h.workers.Go(func() {
		defer cancel()
		for {
			h.pump(ctx, f)
			if !h.breakOff(ctx, f) {
				return
			}
			select {
			case <-time.After(reopenPause):
			case <-ctx.Done():
			}
		}
	})
	return f
}

// release ends a feed that nobody needs any more. The caller holds the lock.
func (h *hub) release(f *feed) {
	if !f.underway && len(f.listeners) == 0 {
		f.cancel()
		h.forget(f)
	}
}

// forget removes a feed, so that the next client begins another. The caller holds the lock.
func (h *hub) forget(f *feed) {
	if h.feeds[f.run] == f {
		delete(h.feeds, f.run)
	}
}

// pump passes lines on until ctx or the subscription ends.
func (h *hub) pump(ctx context.Context, f *feed) {
	lines, err := h.live.Subscribe(ctx, f.run)
	if err != nil {
		if ctx.Err() == nil {
			h.log.Warn("cannot follow a run", "run", f.run, "error", err)
		}
		return
	}
	for {
		select {
		case <-ctx.Done():
			return
		case line, ok := <-lines:
			if !ok {
				return
			}
			frame, err := json.Marshal(LiveEvent{Type: EventLive, Live: line})
			if err != nil {
				h.log.Warn("live line left out", "run", f.run, "error", err)
				continue
			}
			h.tell(f, line.Seconds, frame)
		}
	}
}

// tell hands a line to all who listen. It waits for none of them.
func (h *hub) tell(f *feed, seconds []load.Second, frame []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, second := range seconds {
		f.seconds[second.Second] = second
		delete(f.seconds, second.Second-maxSeries)
	}
	for l := range f.listeners {
		select {
		case l.frames <- frame:
		default:
			delete(f.listeners, l)
			h.dropped.Add(1)
			l.drop()
		}
	}
}

// breakOff lets clients that listen see that a feed has broken off, for they miss lines. It reports whether to open it again:
// while the run is under way. Otherwise the feed is removed.
func (h *hub) breakOff(ctx context.Context, f *feed) (again bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	again = f.underway && ctx.Err() == nil
	if !again {
		h.forget(f)
	}
	for l := range f.listeners {
		close(l.frames)
	}
	clear(f.listeners)
	return again
}
