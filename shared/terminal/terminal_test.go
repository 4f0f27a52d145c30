package terminal

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a\tb\nc[2J é✓0;title", Printable("a\tb\nc\x1b[2J é✓\u009d0;title\a\r\x7f"))
}

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000"} {
		require.Equal(t, want, Count(n))
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{0: "0", 0.125: "0.12", 1.5: "1.5", 12.34: "12.3", 40: "40", 123.4: "123", -2.50: "-2.5"} {
		require.Equal(t, want, Number(v))
	}
}

func TestBar(t *testing.T) {
	t.Parallel()
	p := NewPalette(&bytes.Buffer{})
	require.Equal(t, "██░░  50%", Bar(1, 2, 4, p))
	require.Equal(t, "████ 100%", Bar(3, 2, 4, p), "never more than all")
	require.Equal(t, "░   0%", Bar(1, 0, 0, p), "nothing is known, and there is hardly room")
}
