package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
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
	return r
}
