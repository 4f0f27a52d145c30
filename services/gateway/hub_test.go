package gateway

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// subscription is what a hub has asked a feed for.
type subscription struct {
	ctx   context.Context
	run   string
	lines chan load.Live
}

// feeds is a LiveFeed that tells of its subscriptions.
type feeds struct {
	opened chan subscription
	err    error
}

func (f feeds) Subscribe(ctx context.Context, run string) (<-chan load.Live, error) {
	if f.err != nil {
		return nil, f.err
	}
	s := subscription{ctx, run, make(chan load.Live)}
	f.opened <- s
	return s.lines, nil
}

func newTestHub(t *testing.T) (*hub, feeds) {
	t.Helper()
	f := feeds{opened: make(chan subscription, 10)}
	h := newHub(f, slog.New(slog.DiscardHandler))
	t.Cleanup(h.close)
	return h, f
}

func never(t *testing.T) func() { return func() { t.Error("a listener was dropped") } }

func TestFiftyListenersShareOneSubscriptionAndOneEncoding(t *testing.T) {
	t.Parallel()
	h, f := newTestHub(t)
	var listeners []<-chan []byte
	for range 50 {
		lines, _ := h.listen("r", never(t))
		listeners = append(listeners, lines)
	}
	source := <-f.opened
	for i := range 3 {
		source.lines <- load.Live{RunID: "r", ElapsedSecs: float64(i)}
		first := <-listeners[0]
		var got LiveEvent
		require.NoError(t, json.Unmarshal(first, &got))
		require.InDelta(t, i, got.ElapsedSecs, 0)
		for _, lines := range listeners[1:] {
			require.Same(t, &first[0], &(<-lines)[0], "the same bytes")
		}
	}
	require.Empty(t, f.opened, "one subscription")
}

func TestAListenerThatDoesNotKeepUpIsDropped(t *testing.T) {
	t.Parallel()
	h, f := newTestHub(t)
	dropped := make(chan struct{})
	slow, leave := h.listen("r", func() { close(dropped) }) // twice would panic
	defer leave()
	quick, leave := h.listen("r", never(t))
	defer leave()
	source := <-f.opened
	for i := range 3 * listenerBacklog {
		select {
		case <-dropped:
			require.Greater(t, i, listenerBacklog)
		default:
			require.LessOrEqual(t, i, listenerBacklog)
		}
		source.lines <- load.Live{RunID: "r"}
		<-quick
	}
	require.Len(t, slow, listenerBacklog, "no more is kept for it")
}

func TestAFeedLastsWhileTheRunIsUnderWayOrSomebodyListens(t *testing.T) {
	t.Parallel()
	h, f := newTestHub(t)
	run := func(id string, state load.State) load.Run { return load.Run{ID: id, State: state} }

	h.observe(run("heard", load.StatePending))
	source := <-f.opened
	_, leave := h.listen("heard", never(t))
	h.observe(run("heard", load.StateRunning))
	h.observe(run("heard", load.StateDone))
	require.NoError(t, source.ctx.Err(), "somebody listens")
	leave()
	<-source.ctx.Done()

	h.observe(run("unheard", load.StateRunning))
	source = <-f.opened
	require.Equal(t, "unheard", source.run)
	_, leave = h.listen("unheard", never(t))
	leave()
	require.NoError(t, source.ctx.Err(), "it is under way")
	h.observe(run("unheard", load.StateFailed))
	<-source.ctx.Done()

	h.observe(run("over", load.StateDone)) // as the watch tells of old runs
	_, leave = h.listen("late", never(t))  // which ends before the hub hears of it
	source = <-f.opened
	require.Equal(t, "late", source.run)
	leave()
	<-source.ctx.Done()
	require.Empty(t, h.feeds)
}

func TestAFeedThatBreaksOffTellsItsListeners(t *testing.T) {
	t.Parallel()
	h, f := newTestHub(t)
	lines, leave := h.listen("r", never(t))
	defer leave()
	source := <-f.opened
	close(source.lines)
	_, open := <-lines
	require.False(t, open)

	again, leave := h.listen("r", never(t))
	defer leave()
	source = <-f.opened
	source.lines <- load.Live{RunID: "r"}
	require.NotEmpty(t, <-again)

	h.close()
	_, open = <-again
	require.False(t, open)
	late, leave := h.listen("r", never(t))
	defer leave()
	_, open = <-late
	require.False(t, open, "there will be no lines")

	unable := newHub(feeds{err: load.ErrUnavailable}, slog.New(slog.DiscardHandler))
	defer unable.close()
	lines, leave = unable.listen("r", never(t))
	defer leave()
	_, open = <-lines
	require.False(t, open)
}

func TestAFeedThatBreaksOffIsOpenedAgainWhileTheRunIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, f := newTestHub(t)
		h.observe(load.Run{ID: "r", State: load.StateRunning})
		first := <-f.opened
		first.lines <- load.Live{RunID: "r", Seconds: seconds(1, 0, 2)}
		synctest.Wait()
		before, leave := h.listen("r", never(t))
		defer leave()
		close(first.lines)
		_, open := <-before
		require.False(t, open, "it misses lines")

		after, leave := h.listen("r", never(t)) // before it is open again
		defer leave()
		again := <-f.opened
		again.lines <- load.Live{RunID: "r", Seconds: seconds(2, 4, 6)}
		require.NotEmpty(t, <-after)
		equal(t, append(seconds(1, 0, 2), seconds(2, 4, 6)...), h.series("r"))

		h.observe(load.Run{ID: "r", State: load.StateDone})
		close(again.lines)
		_, open = <-after
		require.False(t, open)
		synctest.Wait()
		require.Empty(t, h.feeds)

		h.observe(load.Run{ID: "s", State: load.StateRunning})
		close((<-f.opened).lines)
		synctest.Wait()
		late, leave := h.listen("s", never(t))
		defer leave()
		h.close() // while it waits
		_, open = <-late
		require.False(t, open)
	})
}

func TestTheNewestSecondsAreKept(t *testing.T) {
	t.Parallel()
	h, f := newTestHub(t)
	lines, leave := h.listen("r", never(t))
	defer leave()
	source := <-f.opened
	tell := func(seconds ...load.Second) {
		source.lines <- load.Live{RunID: "r", Seconds: seconds}
		<-lines
	}
	require.Empty(t, h.series("r"))
	require.Empty(t, h.series("another"))
	tell(load.Second{Second: 1, Started: 10}, load.Second{Second: 0, Started: 9})
	tell(load.Second{Second: 1, Started: 11, Closed: true}) // amended
	equal(t, []load.Second{{Second: 0, Started: 9}, {Second: 1, Started: 11, Closed: true}}, h.series("r"))
	tell(load.Second{Second: maxSeries})
	equal(t, []load.Second{{Second: 1, Started: 11, Closed: true}, {Second: maxSeries}}, h.series("r"))
}

// narrow is a listener whose connections buffer little.
type narrow struct{ net.Listener }

func (l narrow) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		err = conn.(*net.TCPConn).SetWriteBuffer(4 << 10)
	}
	return conn, err
}

// lines are what is logged, line by line.
type logLines chan string

func (l logLines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

func TestAClientThatStopsReadingIsDroppedAndTheOthersGetEverything(t *testing.T) {
	t.Parallel()
	log := make(logLines, 1000)
	f := setup(t, func(c *Config, d *Deps) {
		c.WriteTimeout = time.Hour // so that only the hub can be what drops it
		d.Listener = narrow{d.Listener}
		d.Logger = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	id := f.submitted()
	frozen, err := new(net.Dialer).DialContext(t.Context(), "tcp", strings.TrimPrefix(f.url, "http://"))
	require.NoError(t, err)
	defer frozen.Close()
	require.NoError(t, frozen.(*net.TCPConn).SetReadBuffer(4<<10))
	_, err = fmt.Fprintf(frozen, "GET /v1/runs/%s/events HTTP/1.1\r\nHost: localhost\r\n\r\n", id)
	require.NoError(t, err)
	status, err := bufio.NewReaderSize(frozen, 16).ReadString('\n') // and no more: it listens
	require.NoError(t, err)
	require.Contains(t, status, "200 OK")

	resp := f.open(http.MethodGet, "/v1/runs/"+id+"/events", http.NoBody, "Accept", ndjson)
	defer resp.Body.Close()
	other := bufio.NewReader(resp.Body)
	_, err = other.ReadBytes('\n') // the state
	require.NoError(t, err)
	padding := strings.Repeat("x", 64<<10)
	sent := 0
	for ended := false; !ended && sent < 1000; sent++ {
		f.bus.tell(load.Live{RunID: id, Scenario: padding, ElapsedSecs: float64(sent)})
		line, err := other.ReadBytes('\n')
		require.NoError(t, err)
		require.Contains(t, string(line), fmt.Sprintf(`"elapsed_secs":%d,`, sent), "the other client gets every line, in order")
		for more := true; more; {
			select {
			case entry := <-log:
				ended = ended || strings.Contains(entry, "stream ended early") && strings.Contains(entry, errSlow.Error())
			default:
				more = false
			}
		}
	}
	require.Less(t, sent, 1000, "the frozen client was never dropped")
	require.Greater(t, sent, listenerBacklog)
	var rest bytes.Buffer
	_, _ = rest.ReadFrom(frozen) // it ends, and early
	require.NotContains(t, rest.String(), `"type":"result"`)
}
