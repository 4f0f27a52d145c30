package load

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSequenceSpreadsTasks(t *testing.T) {
	t.Parallel()
	seq, err := NewSequence([]Task{{"a", 5}, {"b", 1}, {"c", 1}})
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for k := range int64(14) {
		got = append(got, seq.Task(k))
	}
	// The example that nginx gives for 5:1:1, twice.
	want := []int{0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("sequence (-want +got):\n%s", d)
	}
}

func TestEveryCycleIsExact(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 100 {
		tasks := make([]Task, 1+r.IntN(8))
		for i := range tasks {
			tasks[i] = Task{Name: string(rune('a' + i)), Weight: 1 + r.IntN(50)}
		}
		seq, err := NewSequence(tasks)
		if err != nil {
			t.Fatal(err)
		}
		start := r.Int64N(1 << 40)
		calls := make([]int, len(tasks))
		for k := range int64(seq.Cycle()) {
			calls[seq.Task(start+k)]++
		}
		for i, task := range tasks {
			if calls[i]*tasks[0].Weight != calls[0]*task.Weight {
				t.Fatalf("%+v: %v calls in a cycle of %d", tasks, calls, seq.Cycle())
			}
		}
	}
}

func TestOrdinalCountsEarlierArrivalsOfTheTask(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 100 {
		tasks := make([]Task, 1+r.IntN(8))
		for i := range tasks {
			tasks[i] = Task{Name: string(rune('a' + i)), Weight: 1 + r.IntN(50)}
		}
		seq, err := NewSequence(tasks)
		if err != nil {
			t.Fatal(err)
		}
		met := make([]int64, len(tasks))
		for k := range int64(3*seq.Cycle() + 1) {
			task := seq.Task(k)
			if got := seq.Ordinal(k); got != met[task] {
				t.Fatalf("%+v: arrival %d has number %d of task %d, want %d", tasks, k, got, task, met[task])
			}
			met[task]++
		}
	}
}

// Slices coprime to the cycle see every task: with 5:1 and 35 slices, slice i meets the rare task once in six seconds.
func TestRareTaskReachesEverySlice(t *testing.T) {
	t.Parallel()
	seq, err := NewSequence([]Task{{"browse", 5}, {"purchase", 1}})
	if err != nil {
		t.Fatal(err)
	}
	slices := int64(SliceCount(200, 3, seq.Cycle()))
	met := map[int64]int{}
	for k := range slices * int64(seq.Cycle()) {
		if seq.Task(k) == 1 {
			met[k%slices]++
		}
	}
	for i := range slices {
		if met[i] != 1 {
			t.Errorf("slice %d meets the rare task %d times in a cycle, want 1", i, met[i])
		}
	}
}

func TestWrongWeights(t *testing.T) {
	t.Parallel()
	for _, tasks := range [][]Task{nil, {{"a", 0}}, {{"a", -1}}, {{"a", MaxCycle + 1}}, {{"a", MaxCycle}, {"b", 1}}} {
		if _, err := NewSequence(tasks); !errors.Is(err, ErrInvalid) {
			t.Errorf("%v: got %v, want ErrInvalid", tasks, err)
		}
	}
	// Large weights with a common divisor are as good as small ones.
	if seq, err := NewSequence([]Task{{"a", 50_000}, {"b", 10_000}}); err != nil || seq.Cycle() != 6 {
		t.Errorf("50000:10000 gives cycle %d, %v; want 6", seq.Cycle(), err)
	}
}
