package inprocess

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// A handler that returns when its context ends costs the time-out and nothing more.
func TestAHandlerThatIsToldToEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		target := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Millisecond)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}))
		c, err := target.NewClient(t.Context())
		require.NoError(t, err)
		defer c.Close()
		worker := c.(*client).worker
		for range 3 {
			var out run.Outcome
			c.Do(t.Context(), &run.Call{Method: http.MethodGet, URL: "/", Timeout: time.Second}, &out)
			require.Equal(t, load.ErrorTimeout, out.Class)
			require.Equal(t, time.Second, out.Latency)
			require.Equal(t, time.Millisecond, out.FirstByte, "it looks like a stream")
		}
		require.Same(t, worker, c.(*client).worker)
		require.NoError(t, target.GaveUp())
	})
}

// A handler that never returns is left behind: its call ends soon after the time-out, and others of the client go on.
func TestAHandlerThatNeverReturns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		late := make(chan error, 2*(lostEach+1))
		target := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/hang" {
				time.Sleep(time.Millisecond)
				w.(http.Flusher).Flush()
				<-end
				_, err := w.Write([]byte("too late"))
				late <- err
				_, err = r.Body.Read(make([]byte, 1))
				late <- err
			}
		}))
		c, err := target.NewClient(t.Context())
		require.NoError(t, err)
		defer c.Close()
		begin := time.Now()
		for i := range lostEach + 1 {
			require.NoError(t, target.GaveUp(), "call %d", i)
			var out run.Outcome
			c.Do(t.Context(), &run.Call{Method: http.MethodPost, URL: "/hang", Timeout: time.Second, Body: []byte("x")}, &out)
			require.Equal(t, load.ErrorTimeout, out.Class)
			require.Equal(t, time.Millisecond, out.FirstByte, "it looks like a stream")
			c.Do(t.Context(), &run.Call{Method: http.MethodGet, URL: "/", Timeout: time.Second}, &out)
			require.Equal(t, http.StatusOK, out.Status)
		}
		require.Equal(t, (lostEach+1)*(time.Second+grace), time.Since(begin))
		require.ErrorContains(t, target.GaveUp(), "11 calls of the handler have not returned")
		close(end)
		synctest.Wait()
		for range cap(late) {
			require.Error(t, <-late, "nobody reads what it writes, and its body was taken back")
		}
	})
}
