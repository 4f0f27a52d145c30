package main

import "testing"

// engines makes both.
func engines(tb testing.TB) []engine {
	tb.Helper()
	all, err := newEngines(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// TestEnginesDoTheWork: a benchmark of less than the work would be worth nothing.
func TestEnginesDoTheWork(t *testing.T) {
	t.Parallel()
	for _, e := range engines(t) {
		if err := verify(e); err != nil {
			t.Error(err)
		}
	}
}

func BenchmarkIteration(b *testing.B) {
	for _, e := range engines(b) {
		b.Run(e.name(), func(b *testing.B) { benchmark(b, e) })
	}
}

func BenchmarkStatic(b *testing.B) {
	e, err := newLoadpilot(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	benchmarkStatic(b, e)
}
