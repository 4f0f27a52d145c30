package demo

import (
	"context"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// took is how long the shop takes to answer, in the virtual time of a synctest bubble.
func took(t *testing.T, shop *Shop, header ...string) (status int, elapsed time.Duration) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/health", http.NoBody)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	start := time.Now()
	shop.ServeHTTP(w, r)
	return w.Code, time.Since(start)
}

func TestZeroValueAnswersAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		status, elapsed := took(t, New(Config{}))
		require.Equal(t, http.StatusOK, status)
		require.Zero(t, elapsed)
	})
}

func TestStallHoldsWhatArrivesInside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := New(Config{StallFrom: 5 * time.Second, StallTo: 7 * time.Second})
		for _, tc := range []struct{ at, want time.Duration }{
			{4999 * time.Millisecond, 0},
			{5000 * time.Millisecond, 2 * time.Second},
			{7000 * time.Millisecond, 0},
		} {
			time.Sleep(tc.at - time.Since(shop.faults.start))
			status, elapsed := took(t, shop)
			require.Equal(t, http.StatusOK, status)
			require.Equal(t, tc.want, elapsed, "arrived at %v", tc.at)
		}
	})
}

func TestDelaysAddUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := New(Config{Delay: 10 * time.Millisecond})
		status, elapsed := took(t, shop, HeaderDelay, "50ms")
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, 60*time.Millisecond, elapsed)
	})
}

func TestAskedTrouble(t *testing.T) {
	t.Parallel()
	shop := New(Config{})
	for _, tc := range []struct {
		header, value string
		want          int
	}{
		{HeaderStatus, "503", 503},
		{HeaderStatus, "404", 404},
		{HeaderStatus, "200", 400},
		{HeaderStatus, "x", 400},
		{HeaderDelay, "-1s", 400},
		{HeaderDelay, "2h", 400},
		{HeaderDelay, "soon", 400},
		{HeaderDelay, "0s", 200},
	} {
		status, _ := took(t, shop, tc.header, tc.value)
		require.Equal(t, tc.want, status, "%s: %s", tc.header, tc.value)
	}
}

func TestErrorRateIsExact(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rate float64
		want int
	}{{0, 0}, {0.1, 1}, {5, 50}, {12.5, 125}, {100, 1000}} {
		shop := New(Config{ErrorRate: tc.rate})
		failed := 0
		for range 1000 {
			if status, _ := took(t, shop); status == http.StatusServiceUnavailable {
				failed++
			}
		}
		require.Equal(t, tc.want, failed, "%v %% of 1000", tc.rate)
	}
}

func TestACancelledRequestWaitsNoLonger(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		shop := New(Config{Delay: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		w := httptest.NewRecorder()
		shop.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/health", http.NoBody))
		require.Equal(t, http.StatusServiceUnavailable, w.Code)
		require.Equal(t, time.Second, time.Since(start))
	})
}

func TestLatenciesFollowFromTheSeed(t *testing.T) {
	t.Parallel()
	l := latency{10 * time.Millisecond, 0.4}
	one := l.samples(1, 1)
	require.Equal(t, one, l.samples(1, 1))
	require.NotEqual(t, one, l.samples(2, 1))
	require.Nil(t, l.samples(1, 0))
	for i, d := range l.samples(1, 2) {
		require.InDelta(t, 2*one[i], d, 2)
	}

	// Log-normal: the median is the median, and the 99th percentile exp(2.326 × 0.4) = 2.54 times it.
	slices.Sort(one)
	require.InEpsilon(t, 10*time.Millisecond, one[len(one)/2], 0.05)
	require.InEpsilon(t, float64(10*time.Millisecond)*math.Exp(2.326*0.4), float64(one[len(one)*99/100]), 0.1)
}

func TestValidateNamesTheField(t *testing.T) {
	t.Parallel()
	require.NoError(t, Config{}.Validate())
	require.NoError(t, Config{LatencyScale: 1, ErrorRate: 100, StallFrom: time.Second, StallTo: time.Second}.Validate())
	for want, cfg := range map[string]Config{
		"latency-scale": {LatencyScale: math.NaN()},
		"delay":         {Delay: -1},
		"error-rate":    {ErrorRate: 101},
		"stall-to":      {StallFrom: 2, StallTo: 1},
	} {
		require.ErrorContains(t, cfg.Validate(), want)
		_, err := Listen(t.Context(), "", cfg)
		require.ErrorContains(t, err, want)
	}
}
