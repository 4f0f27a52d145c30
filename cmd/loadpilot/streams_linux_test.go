package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// The gateway's processor time from one live line of a run to the next is taken in turn without clients and with fifty, in
// five pairs.
func TestFiftyClientsCostTheGatewayLittle(t *testing.T) {
	t.Parallel() // others take no processor time of this gateway

	const clients, pairs, most = 50, 5, 0.05 // of a core
	f := startFleet(t, 1)
	run := f.counted(testkit.StartTargetProcess(t), 20, 60)
	f.underWay(run)
	var list struct{ Runs []gateway.Run }
	_, err := f.Do(http.MethodGet, "/v1/runs", nil, &list)
	require.NoError(t, err)
	require.Len(t, list.Runs, 1)
	id := list.Runs[0].ID

	conn, err := nats.Connect(f.NATS.URL)
	require.NoError(t, err)
	defer conn.Close()
	lines, err := conn.SubscribeSync("loadpilot.live." + id)
	require.NoError(t, err)
	line := func() time.Time {
		t.Helper()
		_, err := lines.NextMsg(10 * time.Second)
		require.NoError(t, err)
		return time.Now()
	}
	// load is the share of a core that the gateway takes until the next line.
	load := func() float64 {
		t.Helper()
		begin, before := line(), processorTime(t, f.Gateway.PID())
		end := line()
		return float64(processorTime(t, f.Gateway.PID())-before) / float64(end.Sub(begin))
	}
	var more []float64
	for range pairs {
		none := load()
		told, leave := f.listen(id, clients)
		fifty := load()
		leave()
		require.GreaterOrEqual(t, told(), int64(clients), "every client gets the lines")
		t.Logf("without clients %.2f %% of a core, with %d %.2f %%", 100*none, clients, 100*fifty)
		more = append(more, fifty-none)
	}
	slices.Sort(more)
	require.Less(t, more[pairs/2], most)
	run.Signal(syscall.SIGINT)
	run.Wait()
}

// listen lets clients follow a run until leave is called. told is how many live lines they got together.
func (f *fleet) listen(id string, clients int) (told func() int64, leave func()) {
	f.t.Helper()
	ctx, cancel := context.WithCancel(f.t.Context())
	var readers sync.WaitGroup
	var live atomic.Int64
	transport := &http.Transport{}
	for range clients {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, f.URL()+"/v1/runs/"+id+"/events", http.NoBody)
		require.NoError(f.t, err)
		answer, err := transport.RoundTrip(request)
		require.NoError(f.t, err)
		readers.Go(func() {
			defer answer.Body.Close()
			for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
				if lines.Text() == "event: live" {
					live.Add(1)
				}
			}
		})
	}
	return live.Load, func() {
		cancel()
		readers.Wait()
		transport.CloseIdleConnections()
	}
}

// processorTime is what the threads of a process have had of the processors.
func processorTime(t *testing.T, pid int) (sum time.Duration) {
	t.Helper()
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		nanos, err := strconv.ParseInt(strings.Fields(string(text))[0], 10, 64)
		require.NoError(t, err)
		sum += time.Duration(nanos)
	}
	return sum
}
