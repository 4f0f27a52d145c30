// Package terminal writes for people: colours, progress bars, numbers and texts that may come from anywhere.
package terminal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"
)

// Palette is the colours of a terminal, none if it has none or NO_COLOR is set.
type Palette struct {
	Title, Faint, Good, Bad, Warn lipgloss.Style
}

// NewPalette returns the colours that fit where is written to.
func NewPalette(out io.Writer) Palette {
	r := lipgloss.NewRenderer(out)
	colour := func(c string) lipgloss.Style { return r.NewStyle().Foreground(lipgloss.Color(c)) }
	return Palette{
		Title: r.NewStyle().Bold(true), Faint: r.NewStyle().Faint(true), Good: colour("2"), Bad: colour("1"), Warn: colour("3"),
	}
}

// IsTerminal reports whether somebody sits at the other end.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Bar is a progress bar of n cells with per cent.
func Bar(elapsed, total float64, n int, p Palette) string {
	share := 0.0
	if total > 0 {
		share = min(1, max(0, elapsed/total))
	}
	n = max(1, n)
	full := int(share * float64(n))
	return p.Good.Render(strings.Repeat("█", full)) + p.Faint.Render(strings.Repeat("░", n-full)) + fmt.Sprintf(" %3.0f%%", 100*share)
}

// Pad fills a text that may hold colours with blanks.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

// Count writes a whole number with commas.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return sign + digits
}

// Number writes a number with three digits or so, as many as a percentile has.
func Number(v float64) string {
	switch a := math.Abs(v); {
	case a >= 100 || a == 0:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 10:
		return trimZeros(strconv.FormatFloat(v, 'f', 1, 64))
	default:
		return trimZeros(strconv.FormatFloat(v, 'f', 2, 64))
	}
}

func trimZeros(s string) string { return strings.TrimSuffix(strings.TrimRight(s, "0"), ".") }

// Millis writes a time in milliseconds.
func Millis(ms float64) string { return Number(ms) + "ms" }

// Ago says how long ago something was.
func Ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return units(d, time.Minute, "minute")
	case d < 24*time.Hour:
		return units(d, time.Hour, "hour")
	case d < 48*time.Hour:
		return "yesterday"
	default:
		return units(d, 24*time.Hour, "day")
	}
}

func units(d, unit time.Duration, name string) string {
	n := int64(d / unit)
	if n != 1 {
		name += "s"
	}
	return fmt.Sprintf("%d %s ago", n, name)
}

// Printable removes from a text what would command a terminal: every control character but the ends of lines and tabs.
// Scripts, targets and gateways write what they like.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

// Indent makes JSON readable.
func Indent(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("result is not JSON: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
