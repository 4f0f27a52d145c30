package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"
)

// NoIteration stands in a record for a request without a number.
const NoIteration = -1

// Record is what a target has seen, in the order of arrival.
type Record struct {
	// First is when the first request arrived; At is how long after it each one did, in nanoseconds.
	First time.Time       `json:"first"`
	At    []time.Duration `json:"at_ns"`
	// Iterations are the numbers that the requests carried, NoIteration where there was none.
	Iterations []int64 `json:"iterations"`
	// Paths counts the requests by method and path, such as "GET /cart".
	Paths map[string]int `json:"paths"`
	// Held is how long each request that was answered took from its arrival to its answer, in nanoseconds and in the order of
	// the answers.
	Held []time.Duration `json:"held_ns"`
	// Connections are when each connection was accepted, that of whoever fetches the record included.
	Connections []time.Time `json:"connections"`
}

// FetchRecord asks a target in another process for its record.
func FetchRecord(ctx context.Context, url string) (Record, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+RecordPath, http.NoBody)
	if err != nil {
		return Record{}, fmt.Errorf("fetch record: %w", err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return Record{}, fmt.Errorf("fetch record: %w", err)
	}
	defer response.Body.Close()
	var record Record
	if err := json.NewDecoder(response.Body).Decode(&record); err != nil {
		return Record{}, fmt.Errorf("fetch record: %w", err)
	}
	return record, nil
}

// Requests is how many arrived.
func (r Record) Requests() int { return len(r.At) }

// PerSecond counts the arrivals of each second since t0; those before it are in none.
func (r Record) PerSecond(t0 time.Time) []int {
	var counts []int
	offset := r.First.Sub(t0)
	for _, at := range r.At {
		if at += offset; at < 0 {
			continue
		}
		second := int(at / time.Second)
		for len(counts) <= second {
			counts = append(counts, 0)
		}
		counts[second]++
	}
	return counts
}

// ArrivedBefore counts the requests that arrived before an instant.
func (r Record) ArrivedBefore(instant time.Time) (n int64) {
	for _, at := range r.At {
		if r.First.Add(at).Before(instant) {
			n++
		}
	}
	return n
}

// ConnectedBetween counts the connections accepted at from or later, and before to.
func (r Record) ConnectedBetween(from, to time.Time) (n int) {
	for _, at := range r.Connections {
		if !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// HeldQuantile returns the least time that at least the share q of the answered requests were held for at most: the one of
// rank ⌈q·n⌉. It is 0 if none was answered.
func (r Record) HeldQuantile(q float64) time.Duration {
	if len(r.Held) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.Held))
	rank := int(math.Ceil(q*float64(len(sorted)) - 1e-9))
	return sorted[min(max(1, rank), len(sorted))-1]
}

// Repeated returns the iterations that arrived more than once, in order.
func (r Record) Repeated() []int64 {
	var repeated []int64
	for iteration, count := range r.countIterations() {
		if count > 1 {
			repeated = append(repeated, iteration)
		}
	}
	slices.Sort(repeated)
	return repeated
}

// Missing returns the iterations of 0 to n-1 that did not arrive.
func (r Record) Missing(n int64) []int64 {
	seen := r.countIterations()
	var missing []int64
	for iteration := range n {
		if seen[iteration] == 0 {
			missing = append(missing, iteration)
		}
	}
	return missing
}

func (r Record) countIterations() map[int64]int {
	counts := make(map[int64]int, len(r.Iterations))
	for _, iteration := range r.Iterations {
		if iteration != NoIteration {
			counts[iteration]++
		}
	}
	return counts
}

func (r Record) clone() Record {
	r.At, r.Iterations, r.Paths = slices.Clone(r.At), slices.Clone(r.Iterations), maps.Clone(r.Paths)
	r.Held, r.Connections = slices.Clone(r.Held), slices.Clone(r.Connections)
	return r
}
