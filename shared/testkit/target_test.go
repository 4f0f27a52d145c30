package testkit_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// request is one of the given iteration, or of none when it is empty.
func request(ctx context.Context, url, iteration string) *http.Request {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		panic(err)
	}
	if iteration != "" {
		r.Header.Set(testkit.HeaderIteration, iteration)
	}
	return r
}

func newClient(t *testing.T) *http.Client {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	t.Cleanup(client.CloseIdleConnections)
	return client
}

func TestEachRequestIsRecordedOnce(t *testing.T) {
	t.Parallel()
	target := testkit.StartTarget(t, testkit.TargetConfig{Status: http.StatusAccepted})
	client := newClient(t)
	const users, each = 8, 250
	var wg sync.WaitGroup
	for user := range users {
		wg.Go(func() {
			for i := range each {
				response, err := client.Do(request(t.Context(), target.URL()+"/cart", strconv.Itoa(user*each+i)))
				if err != nil || response.StatusCode != http.StatusAccepted || response.Body.Close() != nil {
					t.Errorf("request %d of user %d: %v", i, user, err)
				}
			}
		})
	}
	wg.Wait()

	fetched, err := testkit.FetchRecord(t.Context(), target.URL())
	require.NoError(t, err)
	require.Equal(t, users*each, fetched.Requests())
	require.Empty(t, fetched.Repeated())
	require.Empty(t, fetched.Missing(users*each))
	require.Equal(t, map[string]int{"GET /cart": users * each}, fetched.Paths)

	own := target.Record()
	require.True(t, own.First.Equal(fetched.First))
	require.Empty(t, cmp.Diff(own.At, fetched.At))
}

func TestEveryNthConnectionIsClosedUnanswered(t *testing.T) {
	t.Parallel()
	target := testkit.StartTarget(t, testkit.TargetConfig{CloseEvery: 3})
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for n := 1; n <= 9; n++ {
		r := request(t.Context(), target.URL(), strconv.Itoa(n))
		response, err := client.Do(r)
		if n%3 == 0 {
			require.Error(t, err, n)
			continue
		}
		require.NoError(t, err, n)
		require.NoError(t, response.Body.Close())
	}
	require.Equal(t, 9, target.Record().Requests(), "an unanswered request has arrived nevertheless")
}

func TestAStallHoldsUntilItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		target := testkit.NewTarget(testkit.TargetConfig{
			Latency: time.Millisecond, StallFrom: 5 * time.Second, StallTo: 7 * time.Second,
		})
		first := time.Now()
		for _, tc := range []struct{ at, took time.Duration }{
			{0, time.Millisecond},
			{4999 * time.Millisecond, time.Millisecond},
			{5500 * time.Millisecond, 1501 * time.Millisecond},
			{7010 * time.Millisecond, time.Millisecond},
		} {
			time.Sleep(tc.at - time.Since(first))
			start := time.Now()
			target.ServeHTTP(httptest.NewRecorder(), request(t.Context(), "http://target/", ""))
			require.Equal(t, tc.took, time.Since(start), "arrived at %v", tc.at)
		}
		record := target.Record()
		require.Equal(t, []int{1, 0, 0, 0, 1, 1, 0, 1}, record.PerSecond(first))
		require.Equal(t, []int{1, 0, 0, 0, 0, 2, 0, 1}, record.PerSecond(first.Add(-5*time.Millisecond)))
		require.Equal(t, []int{0, 0, 0, 1, 1, 0, 1}, record.PerSecond(first.Add(time.Second)), "those before t0 are in no second")
	})
}

func TestRepeatedAndMissing(t *testing.T) {
	t.Parallel()
	target := testkit.NewTarget(testkit.TargetConfig{})
	for _, iteration := range []string{"4", "0", "2", "0", "", "x", "2"} {
		target.ServeHTTP(httptest.NewRecorder(), request(t.Context(), "http://target/", iteration))
	}
	record := target.Record()
	require.Equal(t, []int64{4, 0, 2, 0, testkit.NoIteration, testkit.NoIteration, 2}, record.Iterations)
	require.Equal(t, []int64{0, 2}, record.Repeated())
	require.Equal(t, []int64{1, 3, 5}, record.Missing(6))
}

func TestATargetCanBeAProcess(t *testing.T) {
	t.Parallel()
	url := testkit.StartTargetProcess(t, "-shop")
	response, err := newClient(t).Do(request(t.Context(), url+"/api/products/42", "7"))
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Equal(t, http.StatusOK, response.StatusCode)
	record, err := testkit.FetchRecord(t.Context(), url)
	require.NoError(t, err)
	require.Equal(t, []int64{7}, record.Iterations)
	require.Equal(t, map[string]int{"GET /api/products/42": 1}, record.Paths)
}

func BenchmarkTarget(b *testing.B) {
	target := testkit.NewTarget(testkit.TargetConfig{})
	r := request(b.Context(), "http://target/", "1")
	b.ReportAllocs()
	for b.Loop() {
		target.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func TestConnectionsAndAnswersAreRecorded(t *testing.T) {
	t.Parallel()
	target := testkit.StartTarget(t, testkit.TargetConfig{Latency: time.Millisecond})
	began := time.Now()
	client := newClient(t)
	for range 3 {
		response, err := client.Do(request(t.Context(), target.URL(), ""))
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
	}
	record, err := testkit.FetchRecord(t.Context(), target.URL())
	require.NoError(t, err)
	require.Equal(t, 2, record.ConnectedBetween(began, time.Now()), "one for the requests, one for the record")
	require.Zero(t, record.ConnectedBetween(time.Time{}, began))
	require.Equal(t, int64(3), record.ArrivedBefore(time.Now()))
	require.Zero(t, record.ArrivedBefore(began))
	require.Len(t, record.Held, 3)
	require.GreaterOrEqual(t, record.HeldQuantile(0), time.Millisecond)
}

func TestQuantilesAreOfTheNearestRank(t *testing.T) {
	t.Parallel()
	require.Zero(t, testkit.Record{}.HeldQuantile(0.5))
	record := testkit.Record{Held: []time.Duration{40, 10, 30, 20}}
	for q, want := range map[float64]time.Duration{0: 10, 0.25: 10, 0.26: 20, 0.5: 20, 0.75: 30, 0.99: 40, 1: 40} {
		require.Equal(t, want, record.HeldQuantile(q), q)
	}
}

func TestSpreadsAreWhatTheySay(t *testing.T) {
	t.Parallel()
	const n = 10_000
	quantile := func(s testkit.Spread, q float64) float64 {
		var record testkit.Record
		for i := range n {
			record.Held = append(record.Held, s.Delay(i+1))
		}
		return float64(record.HeldQuantile(q)) / float64(time.Millisecond)
	}
	for _, tc := range []struct {
		spread testkit.Spread
		q, ms  float64
	}{
		{testkit.SpreadNone, 1, 0},
		{testkit.SpreadLogNormal, 0.5, 20},
		{testkit.SpreadLogNormal, 0.99, 80.8},
		{testkit.SpreadLogNormal, 0.999, 127.7},
		{testkit.SpreadBimodal, 0.79, 5},
		{testkit.SpreadBimodal, 0.81, 80},
		{testkit.SpreadOnePercent, 0.99, 10},
		{testkit.SpreadOnePercent, 0.9901, 1000},
	} {
		require.InDelta(t, tc.ms, quantile(tc.spread, tc.q), 0.02*tc.ms, "%s, %v", tc.spread, tc.q)
	}
}
