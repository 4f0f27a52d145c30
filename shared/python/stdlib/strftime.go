package stdlib

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// maxDirective is how many bytes a directive of two grows to at most.
const maxDirective = 32

// timeFormat is what a format is filled from: a time and how its zone is shown.
type timeFormat struct {
	t            time.Time
	zone, offset string // %Z and %z
	micros       bool   // %f is known
}

// Strftime formats t as C's strftime does in the C locale, with %f for the
// microseconds. Unknown directives stay as they are.
func Strftime(t time.Time, layout string) string {
	return zonedFormat(t, true).text(layout)
}

// zonedFormat shows the zone as C does.
func zonedFormat(t time.Time, micros bool) timeFormat {
	name, _ := t.Zone()
	return timeFormat{t: t, zone: name, offset: t.Format("-0700"), micros: micros}
}

// charged is text, paid for before.
func (f timeFormat) charged(th *thread, layout string) (value, error) {
	if err := th.AllocMany(len(layout)+1, maxDirective); err != nil {
		return nil, err
	}
	return runtime.Str(f.text(layout)), nil
}

func (f timeFormat) text(layout string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(layout, '%')
		if i < 0 || i+1 == len(layout) {
			b.WriteString(layout)
			return b.String()
		}
		b.WriteString(layout[:i])
		layout = layout[i:]
		n := 1
		for n < len(layout)-1 && strings.IndexByte("-_0^#EO", layout[n]) >= 0 { // the flags of GNU
			n++
		}
		text, ok := f.directive(layout[n])
		if !ok {
			text = layout[:n+1]
		}
		for _, flag := range []byte(layout[1:n]) {
			text = withFlag(text, flag)
		}
		b.WriteString(text)
		layout = layout[n+1:]
	}
}

// withFlag changes the padding or the case of a directive's text.
func withFlag(text string, flag byte) string {
	trimmed := strings.TrimLeft(text, "0 ")
	if trimmed == "" && text != "" {
		trimmed = text[len(text)-1:]
	}
	pad := len(text) - len(trimmed)
	switch flag {
	case '-':
		return trimmed
	case '_':
		return strings.Repeat(" ", pad) + trimmed
	case '0':
		return strings.Repeat("0", pad) + trimmed
	case '^':
		return strings.ToUpper(text)
	case '#':
		if text == "AM" || text == "PM" {
			return strings.ToLower(text)
		}
		return strings.ToUpper(text)
	}
	return text
}

func (f timeFormat) directive(d byte) (string, bool) {
	if layout, ok := goLayouts[d]; ok {
		return f.t.Format(layout), true
	}
	if n, width, ok := f.number(d); ok {
		return fmt.Sprintf("%0*d", width, n), true
	}
	switch d {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'z':
		return f.offset, true
	case 'Z':
		return f.zone, true
	case 'f':
		return fmt.Sprintf("%06d", f.t.Nanosecond()/1000), f.micros
	case 'k':
		return fmt.Sprintf("%2d", f.t.Hour()), true
	case 'l':
		return fmt.Sprintf("%2d", (f.t.Hour()+11)%12+1), true
	case 'P':
		return strings.ToLower(f.t.Format("PM")), true
	case 'c':
		return f.t.Format("Mon Jan _2 15:04:05 ") + strconv.Itoa(f.t.Year()), true
	case 'F':
		return strconv.Itoa(f.t.Year()) + f.t.Format("-01-02"), true
	}
	return "", false
}

// number is a directive that shows a number, with its width.
func (f timeFormat) number(d byte) (n, width int, ok bool) {
	t, day := f.t, f.t.YearDay()
	isoYear, isoWeek := t.ISOWeek()
	switch d {
	case 'Y':
		return t.Year(), 1, true
	case 'C':
		return t.Year() / 100, 2, true
	case 'j':
		return day, 3, true
	case 'w':
		return int(t.Weekday()), 1, true
	case 'u':
		return weekday(t) + 1, 1, true
	case 's':
		return int(t.Unix()), 1, true
	case 'U':
		return (day + 6 - int(t.Weekday())) / 7, 2, true
	case 'W':
		return (day + 6 - weekday(t)) / 7, 2, true
	case 'V':
		return isoWeek, 2, true
	case 'G':
		return isoYear, 1, true
	case 'g':
		return isoYear % 100, 2, true
	}
	return 0, 0, false
}

// weekday counts from Monday, 0.
func weekday(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

var goLayouts = map[byte]string{
	'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
	'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday",
	'T': "15:04:05", 'D': "01/02/06", 'R': "15:04", 'r': "03:04:05 PM",
	'x': "01/02/06", 'X': "15:04:05",
}
