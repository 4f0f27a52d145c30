package natsbus

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReading(t *testing.T) {
	t.Parallel()
	asked := time.Now()
	server := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	// A round trip of 400 µs: the server looked at its clock 200 µs after the question, give or take 200 µs.
	r := newReading(asked, asked.Add(400*time.Microsecond), server)
	c := &Clock{}
	c.best.Store(r)
	require.Equal(t, 200*time.Microsecond, r.local.Sub(asked))
	require.Equal(t, 200*time.Microsecond, r.errorAt(r.local))
	// 50 ppm of 10 s are 500 µs.
	require.Equal(t, 700*time.Microsecond, r.errorAt(r.local.Add(10*time.Second)))
	require.Equal(t, time.Hour, c.Local(server.Add(time.Hour)).Sub(r.local))
}

func TestWhichReadingCounts(t *testing.T) {
	t.Parallel()
	const ms = time.Millisecond
	at := time.Now()
	bus := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	present := &reading{local: at, bus: bus, bound: ms}
	for _, test := range []struct {
		name  string
		newer reading // of its bus time only what it differs by from the present one
		want  bool
	}{
		{"more exact", reading{bound: ms / 2}, true},
		{"as exact as the present one has become", reading{bound: ms + ms/4}, true},
		{"less exact: no reason to move what is due", reading{bound: 30 * ms}, false},
		{"less exact, and elsewhere within what both allow", reading{bus: bus.Add(30 * ms), bound: 30 * ms}, false},
		{"taken by a process that was frozen meanwhile", reading{bus: bus.Add(-9 * time.Second), bound: 10 * time.Second}, false},
		{"another clock, ahead", reading{bus: bus.Add(time.Second), bound: 30 * ms}, true},
		{"another clock, behind", reading{bus: bus.Add(-time.Second), bound: 30 * ms}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			newer := test.newer
			if newer.bus.IsZero() {
				newer.bus = bus
			}
			newer.local, newer.bus = at.Add(10*time.Second), newer.bus.Add(10*time.Second)
			require.Equal(t, test.want, newer.replaces(present))
		})
	}
}
