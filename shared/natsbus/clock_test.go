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
