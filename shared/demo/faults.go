package demo

import (
	"context"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Headers by which a request asks for trouble of its own.
const (
	// HeaderDelay adds a delay, such as 50ms, to this answer.
	HeaderDelay = "X-Demo-Delay"
	// HeaderStatus replaces this answer by an error with that status, from 400 to 599.
	HeaderStatus = "X-Demo-Status"
)

// maxAskedDelay bounds what a request may ask for.
const maxAskedDelay = time.Minute

// latencySamples is a power of two, so that the sequence wraps without a division.
const latencySamples = 4096

// latency is how long an endpoint takes: a log-normal distribution, the shape of most services. Most answers are near
// the median; with a spread of 0.4 one in a hundred takes 2.5 times as long.
type latency struct {
	median time.Duration
	spread float64 // standard deviation of the logarithm
}

// samples draws the sequence of delays once, so that answering only looks one up.
func (l latency) samples(seed uint64, scale float64) []time.Duration {
	if scale == 0 {
		return nil
	}
	random := rand.New(rand.NewPCG(seed, uint64(l.median))) //nolint:gosec // a median is positive
	delays := make([]time.Duration, latencySamples)
	for i := range delays {
		delays[i] = time.Duration(scale * float64(l.median) * math.Exp(l.spread*random.NormFloat64()))
	}
	return delays
}

// faults is the trouble that the shop makes on purpose.
type faults struct {
	cfg   Config
	start time.Time
}

// inject waits as long as request number n has to, and reports whether the request shall still be answered as usual.
// When not, the response is already written.
func (f faults) inject(w http.ResponseWriter, r *http.Request, n uint64, latencies []time.Duration) bool {
	delay := f.cfg.Delay + f.stall(time.Since(f.start))
	if latencies != nil {
		delay += latencies[n%latencySamples]
	}
	if asked := r.Header.Get(HeaderDelay); asked != "" {
		d, err := time.ParseDuration(asked)
		if err != nil || d < 0 || d > maxAskedDelay {
			writeError(w, http.StatusBadRequest, HeaderDelay+" must be a duration from 0s to 1m")
			return false
		}
		delay += d
	}
	if !sleep(r.Context(), delay) {
		writeError(w, http.StatusServiceUnavailable, "closing")
		return false
	}
	if asked := r.Header.Get(HeaderStatus); asked != "" {
		status, err := strconv.Atoi(asked)
		if err != nil || status < 400 || status > 599 {
			writeError(w, http.StatusBadRequest, HeaderStatus+" must be a status from 400 to 599")
			return false
		}
		writeError(w, status, "as asked by "+HeaderStatus)
		return false
	}
	if fails(n, f.cfg.ErrorRate) {
		writeError(w, http.StatusServiceUnavailable, "out of order")
		return false
	}
	return true
}

// stall is how long a request that arrives at the given time since the start is held.
func (f faults) stall(arrival time.Duration) time.Duration {
	if arrival < f.cfg.StallFrom || arrival >= f.cfg.StallTo {
		return 0
	}
	return f.cfg.StallTo - arrival
}

// fails spreads rate per cent of the requests evenly: of the first n exactly ⌊n×rate/100⌋ fail.
func fails(n uint64, rate float64) bool {
	return math.Floor(float64(n+1)*rate/100) > math.Floor(float64(n)*rate/100)
}

// sleep waits and reports whether it was left to finish.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
