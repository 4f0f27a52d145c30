package terminal

import (
	"bytes"
	"testing"
	"time"

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

func TestAgo(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second:        "just now", // another host's clock
		59 * time.Second:    "just now",
		time.Minute:         "1 minute ago",
		5*time.Minute + 1:   "5 minutes ago",
		time.Hour - 1:       "59 minutes ago",
		time.Hour:           "1 hour ago",
		3 * time.Hour:       "3 hours ago",
		24 * time.Hour:      "yesterday",
		48*time.Hour - 1:    "yesterday",
		48 * time.Hour:      "2 days ago",
		30*24*time.Hour + 1: "30 days ago",
	} {
		require.Equal(t, want, Ago(d), "%s", d)
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	require.Equal(t, "┏━━━━━┳━━━━┓\n┃ A   ┃  B ┃\n┡━━━━━╇━━━━┩\n│ abc │  1 │\n│ é   │ 12 │\n└─────┴────┘\n",
		Table([]Column{{Title: "A"}, {Title: "B", Right: true}}, [][]string{{"abc", "1"}, {"é", "12"}}))
}
