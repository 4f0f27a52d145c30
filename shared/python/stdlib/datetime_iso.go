package stdlib

import (
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// isoArgument is the text that fromisoformat reads.
func isoArgument(v value) (string, error) {
	s, ok := runtime.AsStr(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "fromisoformat: argument must be str")
	}
	return s, nil
}

func badISO(text string) error {
	const longest = 100
	if utf8.RuneCountInString(text) > longest {
		text = string([]rune(text)[:longest]) + "…"
	}
	return runtime.Errorf(runtime.ValueError, "Invalid isoformat string: %s", runtime.Quote(text))
}

// isoReader reads digits from a text; beyond the end there are zero bytes.
type isoReader struct {
	text string
	at   int
}

func (r *isoReader) peek() byte {
	if r.at < len(r.text) {
		return r.text[r.at]
	}
	return 0
}

// skip passes over c when it is next.
func (r *isoReader) skip(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number reads exactly count digits.
func (r *isoReader) number(count int) (n int, ok bool) {
	for range count {
		c := r.peek()
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
		r.at++
	}
	return n, true
}

// parseISODate reads one of YYYY-MM-DD, YYYYMMDD, YYYY-Www[-D] and YYYYWww[D]. ok tells
// whether text has the form; the error is that of a date that does not exist.
func parseISODate(text string) (ordinal int64, ok bool, err error) {
	r := &isoReader{text: text}
	if len(text) != 7 && len(text) != 8 && len(text) != 10 {
		return 0, false, nil
	}
	year, ok := r.number(4)
	if !ok {
		return 0, false, nil
	}
	dashed := r.skip('-')
	if r.skip('W') {
		week, ok := r.number(2)
		if !ok {
			return 0, false, nil
		}
		dayOfWeek := 1
		if r.at < len(text) {
			if dashed && !r.skip('-') {
				return 0, false, nil
			}
			if dayOfWeek, ok = r.number(1); !ok {
				return 0, false, nil
			}
		}
		if r.at != len(text) {
			return 0, false, nil
		}
		ordinal, err = isoWeekDay(year, week, dayOfWeek)
		return ordinal, err == nil, nil
	}
	month, ok1 := r.number(2)
	if dashed && !r.skip('-') {
		return 0, false, nil
	}
	dayOfMonth, ok2 := r.number(2)
	if !ok1 || !ok2 || r.at != len(text) {
		return 0, false, nil
	}
	ordinal, err = checkDate(year, month, dayOfMonth)
	return ordinal, true, err
}

// isoDateEnd is where the date of a datetime ends; -1 when it cannot be one.
func isoDateEnd(text string) int {
	if len(text) == 7 {
		return 7
	}
	r := &isoReader{text: text}
	at := func(i int) byte { r.at = i; return r.peek() }
	if at(4) == '-' {
		switch {
		case at(5) != 'W':
			return 10
		case len(text) < 8 || len(text) == 9 && at(8) == '-':
			return -1
		case at(8) == '-' && !isDigit(at(10)): // else a time that follows a dash
			return 10
		}
		return 8
	}
	if at(4) != 'W' {
		return 8
	}
	end := 7
	for isDigit(at(end)) {
		end++
	}
	switch {
	case end < 9:
		return end
	case end%2 == 0:
		return 7
	}
	return 8
}

func parseISOMoment(text string) (value, error) {
	end := -1
	if len(text) >= 7 {
		end = isoDateEnd(text)
	}
	if end < 0 || end > len(text) {
		return nil, badISO(text)
	}
	ordinal, ok, err := parseISODate(text[:end])
	if !ok || err != nil {
		return nil, orBadISO(err, text)
	}
	c := midnight
	if end < len(text) {
		_, n := utf8.DecodeRuneInString(text[end:])
		if c, ok, err = parseISOTime(text[end+n:]); !ok || err != nil {
			return nil, orBadISO(err, text)
		}
	}
	return &moment{ordinal*microsPerDay + c.micros, c.tz, 0}, nil
}

// orBadISO is err, or without one that text has not the form.
func orBadISO(err error, text string) error {
	if err != nil {
		return err
	}
	return badISO(text)
}

// parseISOTime reads HH[:MM[:SS[.ffffff]]] or the same without colons, then Z or an
// offset of the same form.
func parseISOTime(text string) (c *clock, ok bool, err error) {
	end := strings.IndexAny(text, "+-Z")
	if end < 0 {
		end = len(text)
	}
	n, ok := isoClock(text[:end], end < len(text))
	if !ok {
		return nil, false, nil
	}
	c = &clock{}
	if end < len(text) {
		if c.tz, ok, err = isoZone(text[end:]); !ok || err != nil {
			return nil, ok, err
		}
	}
	c.micros, err = microsOf(n[0], n[1], n[2], n[3])
	return c, true, err
}

func isoZone(text string) (z *zone, ok bool, err error) {
	if text[0] == 'Z' {
		return utc, len(text) == 1, nil
	}
	n, ok := isoClock(text[1:], false)
	if !ok {
		return nil, false, nil
	}
	micros := int64(n[0]*3600+n[1]*60+n[2])*microsPerSecond + int64(n[3])
	if text[0] == '-' {
		micros = -micros
	}
	v, err := newZone(deltaOfMicros(micros))
	if err != nil {
		return nil, true, err
	}
	return v.(*zone), true, nil
}

// isoClock reads hours, minutes, seconds and microseconds, of which digits beyond the
// sixth are dropped. Before a zone one more character of any kind may stand.
func isoClock(text string, zoned bool) (n [4]int, ok bool) {
	r := &isoReader{text: text}
	colons := false
	for i := range 3 {
		if n[i], ok = r.number(2); !ok {
			return n, false
		}
		if r.at == len(text) || zoned && r.at+1 == len(text) {
			return n, true
		}
		if i == 0 {
			colons = r.peek() == ':'
		}
		if c := r.peek(); i == 2 || c == '.' || c == ',' {
			break
		}
		if colons && !r.skip(':') {
			return n, false
		}
	}
	if !r.skip('.') && !r.skip(',') {
		return n, false
	}
	for scale := 100_000; r.at < len(text); scale /= 10 {
		digit, ok := r.number(1)
		if !ok {
			return n, false
		}
		n[3] += digit * scale
	}
	return n, len(text) > 0 && isDigit(text[len(text)-1])
}
