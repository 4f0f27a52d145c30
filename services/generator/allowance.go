package generator

import (
	"math"
	"sync"
	"time"
)

// mostTokens is how many tokens are asked for at once at most. The bus deals a second's tokens out in turn among all who
// ask, so asking for many is not greedy.
const mostTokens = 256

// allowance is how many arrivals a generator may still take: a bucket that holds one second of its rate and refills at that
// rate. Arrivals that come too late to be started are free, or a generator that cannot keep up would spend its whole rate
// on tokens that have expired while they waited for it. The rate is a mean: in a single second up to twice as much may start,
// because what is left of one second can be taken together with the next one.
type allowance struct {
	rate float64 // arrivals per second; 0: no limit

	mu    sync.Mutex
	left  float64
	asked time.Duration // instant of the last refill
}

func newAllowance(rate float64, now time.Duration) *allowance {
	return &allowance{rate: rate, left: rate, asked: now}
}

// tokens returns how many tokens of the given size may be asked for at now. If none, wait is how long until one may.
func (a *allowance) tokens(now time.Duration, size float64) (n int, wait time.Duration) {
	if a.rate == 0 {
		return mostTokens, 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left = min(a.rate, a.left+a.rate*(now-a.asked).Seconds())
	a.asked = now
	size = min(max(1, size), a.rate) // a token larger than the whole rate is still a token
	if a.left < size {
		return 0, time.Duration(math.Ceil((size - a.left) / a.rate * float64(time.Second)))
	}
	return min(mostTokens, int(a.left/size)), 0
}

// spend books arrivals that were taken.
func (a *allowance) spend(arrivals int64) {
	if a.rate == 0 {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left -= float64(arrivals)
}
