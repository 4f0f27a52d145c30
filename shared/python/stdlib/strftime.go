package stdlib

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Strftime formats t as C's strftime does in the C locale. Unknown directives stay
// as they are.
func Strftime(t time.Time, layout string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(layout, '%')
		if i < 0 || i+1 == len(layout) {
			b.WriteString(layout)
			return b.String()
		}
		b.WriteString(layout[:i])
		b.WriteString(directive(t, layout[i+1]))
		layout = layout[i+2:]
	}
}

func directive(t time.Time, d byte) string {
	if layout, ok := goLayouts[d]; ok {
		return t.Format(layout)
	}
	switch d {
	case '%':
		return "%"
	case 'n':
		return "\n"
	case 't':
		return "\t"
	case 'j':
		return fmt.Sprintf("%03d", t.YearDay())
	case 'w':
		return strconv.Itoa(int(t.Weekday()))
	case 'u':
		return strconv.Itoa((int(t.Weekday())+6)%7 + 1)
	case 'f':
		return fmt.Sprintf("%06d", t.Nanosecond()/1000)
	case 's':
		return strconv.FormatInt(t.Unix(), 10)
	case 'U':
		return fmt.Sprintf("%02d", (t.YearDay()+6-int(t.Weekday()))/7)
	case 'W':
		return fmt.Sprintf("%02d", (t.YearDay()+6-(int(t.Weekday())+6)%7)/7)
	case 'V':
		_, week := t.ISOWeek()
		return fmt.Sprintf("%02d", week)
	case 'G':
		year, _ := t.ISOWeek()
		return strconv.Itoa(year)
	case 'Y':
		return strconv.Itoa(t.Year())
	}
	return "%" + string(d)
}

var goLayouts = map[byte]string{
	'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
	'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'Z': "MST", 'z': "-0700",
	'F': "2006-01-02", 'T': "15:04:05", 'D': "01/02/06", 'R': "15:04", 'c': "Mon Jan _2 15:04:05 2006",
	'x': "01/02/06", 'X': "15:04:05",
}
