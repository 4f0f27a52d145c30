package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"1.5µs":   latency(0.0015),
		"99.9µs":  latency(0.0999),
		"0.1ms":   latency(0.1),
		"12.3ms":  latency(12.34),
		"0ms":     latency(0),
		"0/s":     rate(0),
		"9.75/s":  rate(9.75),
		"1,235/s": rate(1234.5),
		"999 B":   size(999),
		"1.5 kB":  size(1500),
		"1.07 GB": size(1 << 30),
		"1 event": counted(1, "event"),
	} {
		assert.Equal(t, want, got)
	}
}
