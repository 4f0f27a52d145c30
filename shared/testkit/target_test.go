package testkit_test

import (
	"context"
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
