package stdlib

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// parsedTime is what a text says of a time.
type parsedTime struct {
	year, month, day, hour, minute, second, micros int
	weekday                                        int // from Monday, 0
	yearDay                                        int // 0 when not given
	zone                                           string
	offset                                         int64 // microseconds
	hasOffset                                      bool
	dst                                            int // -1 unknown
}

// A piece of a strptime format: a directive, white space, or a literal character.
type layoutPiece struct {
	directive byte
	space     bool
	literal   rune
}

// composed are the directives that stand for several.
var composed = map[byte]string{'c': "%a %b %d %H:%M:%S %Y", 'x': "%m/%d/%y", 'X': "%H:%M:%S"}

// expand replaces the composed directives.
func expand(layout string) string {
	var b strings.Builder
	for i := 0; i < len(layout); i++ {
		if layout[i] == '%' && i+1 < len(layout) {
			i++
			if whole := composed[layout[i]]; whole != "" {
				b.WriteString(whole)
			} else {
				b.WriteString(layout[i-1 : i+1])
			}
			continue
		}
		b.WriteByte(layout[i])
	}
	return b.String()
}

// layoutPieces takes a format apart.
func layoutPieces(layout string) ([]layoutPiece, error) {
	var out []layoutPiece
	seen := map[byte]bool{}
	rest := expand(layout)
	for rest != "" {
		r, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		switch {
		case unicode.IsSpace(r):
			if len(out) == 0 || !out[len(out)-1].space {
				out = append(out, layoutPiece{space: true})
			}
		case r != '%':
			out = append(out, layoutPiece{literal: r})
		case rest == "":
			return nil, runtime.Errorf(runtime.ValueError, "stray %% in format '%s'", layout)
		case rest[0] == '%':
			out = append(out, layoutPiece{literal: '%'})
			rest = rest[1:]
		default:
			d, n := utf8.DecodeRuneInString(rest)
			if strings.IndexByte("aAbBdfHIjmMpSuUVwWyYzZG", rest[0]) < 0 {
				return nil, runtime.Errorf(runtime.ValueError, "'%c' is a bad directive in format '%s'", d, layout)
			}
			if seen[rest[0]] {
				return nil, runtime.Errorf(runtime.ValueError, "directive '%%%c' stands twice in format '%s'", d, layout)
			}
			seen[rest[0]] = true
			out = append(out, layoutPiece{directive: rest[0]})
			rest = rest[n:]
		}
	}
	return out, nil
}

var (
	monthNames   = []string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	weekdayNames = []string{"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}
)

// directiveRange bounds the two-digit directives.
var directiveRange = map[byte][2]int{
	'd': {1, 31}, 'H': {0, 23}, 'I': {1, 12}, 'm': {1, 12}, 'M': {0, 59}, 'S': {0, 61},
	'U': {0, 53}, 'W': {0, 53}, 'V': {1, 53}, 'u': {1, 7}, 'w': {0, 6}, 'j': {1, 366},
}

// lengths are how many bytes of text a directive may take, preferred ones first.
func lengths(d byte, text string) []int {
	digits := 0
	for digits < len(text) && isDigit(text[digits]) {
		digits++
	}
	switch d {
	case 'Y', 'G':
		return atLeast(digits, 4, 4)
	case 'y':
		return atLeast(digits, 2, 2)
	case 'f':
		return atLeast(digits, 1, 6)
	case 'j':
		return inRange(text, digits, 3, directiveRange[d])
	case 'u', 'w':
		return inRange(text, digits, 1, directiveRange[d])
	case 'd':
		if len(text) > 1 && text[0] == ' ' && text[1] >= '1' && text[1] <= '9' {
			return []int{2}
		}
	case 'V':
		return slices.DeleteFunc(inRange(text, digits, 2, directiveRange[d]), func(n int) bool { return text[:n] == "0" })
	case 'a', 'A', 'b', 'B':
		return nameLength(d, text)
	case 'p':
		return anyPrefix(text, "am", "pm")
	case 'Z':
		local := []string{"utc", "gmt"}
		for _, t := range []time.Month{time.January, time.July} {
			name, _ := time.Date(time.Now().Year(), t, 1, 0, 0, 0, 0, time.Local).Zone() //nolint:gosmopolitan // the machine's zone may be named
			local = append(local, strings.ToLower(name))
		}
		slices.SortStableFunc(local, func(a, b string) int { return len(b) - len(a) })
		return anyPrefix(text, local...)
	case 'z':
		if n := offsetLength(text); n > 0 {
			return []int{n}
		}
		return nil
	}
	return inRange(text, digits, 2, directiveRange[d])
}

// atLeast are the lengths from most down to least that digits allow.
func atLeast(digits, least, most int) (out []int) {
	for n := min(digits, most); n >= least; n-- {
		out = append(out, n)
	}
	return out
}

// inRange are the lengths, longest first, whose number lies within bounds.
func inRange(text string, digits, most int, bounds [2]int) (out []int) {
	for n := min(digits, most); n > 0; n-- {
		if x, err := strconv.Atoi(text[:n]); err == nil && x >= bounds[0] && x <= bounds[1] {
			out = append(out, n)
		}
	}
	return out
}

func anyPrefix(text string, prefixes ...string) []int {
	for _, p := range prefixes {
		if len(text) >= len(p) && strings.EqualFold(text[:len(p)], p) {
			return []int{len(p)}
		}
	}
	return nil
}

func nameLength(d byte, text string) []int {
	names := monthNames
	if d|0x20 == 'a' {
		names = weekdayNames
	}
	if d == 'a' || d == 'b' {
		short := make([]string, len(names))
		for i, n := range names {
			short[i] = n[:3]
		}
		names = short
	}
	return anyPrefix(text, names...)
}

// offsetLength is that of Z or ±HH[:]MM[[:]SS[.ffffff]].
func offsetLength(text string) int {
	if strings.HasPrefix(text, "Z") {
		return 1
	}
	pair := func(at int) bool {
		return at+1 < len(text) && text[at] >= '0' && text[at] <= '5' && isDigit(text[at+1])
	}
	colon := func(at int) int {
		if at < len(text) && text[at] == ':' {
			return at + 1
		}
		return at
	}
	if len(text) < 5 || text[0] != '+' && text[0] != '-' || !isDigit(text[1]) || !isDigit(text[2]) || !pair(colon(3)) {
		return 0
	}
	n := colon(3) + 2
	if !pair(colon(n)) {
		return n
	}
	n = colon(n) + 2
	if n+1 < len(text) && text[n] == '.' && isDigit(text[n+1]) {
		n++
		for range 6 {
			if n < len(text) && isDigit(text[n]) {
				n++
			}
		}
	}
	return n
}

// layoutMatch matches a text with the pieces of a format; what failed once is not
// tried again, so that the time is bounded by pieces times bytes.
type layoutMatch struct {
	th     *thread
	pieces []layoutPiece
	text   string
	failed map[[2]int]bool
	found  map[byte]string
}

// match gives the end of the match that begins at byte at with piece i, -1 without one.
func (m *layoutMatch) match(i, at int) (int, error) {
	if i == len(m.pieces) {
		return at, nil
	}
	if m.failed[[2]int{i, at}] {
		return -1, nil
	}
	if err := m.th.Step(); err != nil {
		return -1, err
	}
	if err := m.th.Enter(); err != nil {
		return -1, err
	}
	defer m.th.Leave()
	p, rest := m.pieces[i], m.text[at:]
	var ends []int
	switch {
	case p.space:
		n := len(rest) - len(strings.TrimLeftFunc(rest, unicode.IsSpace))
		for ; n > 0; n-- { // greedy, then shorter
			if utf8.RuneStart(m.text[at+n-1]) || n == len(rest) || utf8.RuneStart(rest[n]) {
				ends = append(ends, n)
			}
		}
	case p.directive != 0:
		ends = lengths(p.directive, rest)
	default:
		if r, n := utf8.DecodeRuneInString(rest); n > 0 && strings.EqualFold(string(r), string(p.literal)) {
			ends = []int{n}
		}
	}
	for _, n := range ends {
		end, err := m.match(i+1, at+n)
		if err != nil {
			return -1, err
		}
		if end >= 0 {
			if p.directive != 0 {
				m.found[p.directive] = rest[:n]
			}
			return end, nil
		}
	}
	if err := m.th.Alloc(64); err != nil {
		return -1, err
	}
	m.failed[[2]int{i, at}] = true
	return -1, nil
}

// parseTime reads text as layout says; its errors are CPython's.
func parseTime(th *thread, text, layout string) (*parsedTime, error) {
	if err := th.AllocMany(len(layout)+len(text), 32); err != nil {
		return nil, err
	}
	pieces, err := layoutPieces(layout)
	if err != nil {
		return nil, err
	}
	m := &layoutMatch{th: th, pieces: pieces, text: text, failed: map[[2]int]bool{}, found: map[byte]string{}}
	end, err := m.match(0, 0)
	switch {
	case err != nil:
		return nil, err
	case end < 0:
		return nil, runtime.Errorf(runtime.ValueError, "time data %s does not match format %s", runtime.Quote(text), runtime.Quote(layout))
	case end < len(text):
		return nil, runtime.Errorf(runtime.ValueError, "unconverted data remains: %s", text[end:])
	}
	return m.result()
}

// fields reads the directives that stand for one number or name each.
func (m *layoutMatch) result() (*parsedTime, error) {
	number := func(d byte, def int) int {
		if n, err := strconv.Atoi(strings.TrimLeft(m.found[d], " ")); err == nil {
			return n
		}
		return def
	}
	name := func(names []string, short, long byte) int {
		text := strings.ToLower(m.found[short] + m.found[long])
		return slices.IndexFunc(names, func(n string) bool { return len(text) >= 3 && strings.HasPrefix(n, text[:3]) })
	}
	t := &parsedTime{
		year: number('Y', math.MinInt32), month: number('m', 1), day: number('d', 1), hour: number('H', 0), minute: number('M', 0),
		second: number('S', 0), yearDay: number('j', 0), weekday: -1, dst: -1,
	}
	if y := number('y', -1); y >= 0 && t.year == math.MinInt32 {
		t.year = 1900 + y
		if y <= 68 {
			t.year += 100
		}
	}
	if i := name(monthNames, 'b', 'B'); i >= 0 {
		t.month = i + 1
	}
	t.weekday = name(weekdayNames, 'a', 'A')
	if w := number('w', -1); w >= 0 {
		t.weekday = (w + 6) % 7
	}
	if u := number('u', -1); u > 0 {
		t.weekday = u - 1
	}
	if text, ok := m.found['I']; ok {
		t.hour, _ = strconv.Atoi(text)
		t.hour %= 12
		if strings.EqualFold(m.found['p'], "pm") {
			t.hour += 12
		}
		if _, ok := m.found['p']; !ok && text == "12" {
			t.hour = 0
		}
	}
	if f := m.found['f']; f != "" {
		t.micros, _ = strconv.Atoi(f + "000000"[len(f):])
	}
	if err := m.zone(t); err != nil {
		return nil, err
	}
	return t, m.date(t, number)
}

func (m *layoutMatch) zone(t *parsedTime) error {
	if name, ok := m.found['Z']; ok {
		t.zone = name
		t.dst = 0
		january, _ := time.Date(time.Now().Year(), time.January, 1, 0, 0, 0, 0, time.Local).Zone() //nolint:gosmopolitan // the machine's zone may be named
		if !strings.EqualFold(name, january) && !strings.EqualFold(name, "utc") && !strings.EqualFold(name, "gmt") {
			t.dst = 1
		}
	}
	text, ok := m.found['z']
	if !ok {
		return nil
	}
	t.hasOffset = true
	if text == "Z" {
		return nil
	}
	if len(text) > 5 && text[3] == ':' && text[6:] != "" && text[6] != ':' || text[3] != ':' && strings.Contains(text, ":") {
		return runtime.Errorf(runtime.ValueError, "Inconsistent use of : in %s", text)
	}
	plain, fraction, _ := strings.Cut(strings.ReplaceAll(text[1:], ":", ""), ".")
	part := func(i int) int64 {
		if len(plain) < i+2 {
			return 0
		}
		n, _ := strconv.ParseInt(plain[i:i+2], 10, 64)
		return n
	}
	t.offset = (part(0)*3600 + part(2)*60 + part(4)) * microsPerSecond
	if fraction != "" {
		n, _ := strconv.ParseInt(fraction+"000000"[len(fraction):], 10, 64)
		t.offset += n
	}
	if text[0] == '-' {
		t.offset = -t.offset
	}
	return nil
}

const weekdayDirectives = "a weekday directive ('%A', '%a', '%w', or '%u')."

// date completes year, month, day, weekday and day of the year from each other.
func (m *layoutMatch) date(t *parsedTime, number func(d byte, def int) int) error {
	isoYear, isoWeek := number('G', -1), number('V', -1)
	switch {
	case isoYear >= 0 && (isoWeek < 0 || t.weekday < 0):
		return runtime.Errorf(runtime.ValueError, "ISO year directive '%%G' must be used with the ISO week directive '%%V' and %s", weekdayDirectives)
	case isoYear >= 0 && m.found['j'] != "":
		return runtime.Errorf(runtime.ValueError, "Day of the year directive '%%j' is not compatible with ISO year directive '%%G'. Use '%%Y' instead.")
	case isoYear < 0 && isoWeek >= 0 && (t.year == math.MinInt32 || t.weekday < 0):
		return runtime.Errorf(runtime.ValueError, "ISO week directive '%%V' must be used with the ISO year directive '%%G' and %s", weekdayDirectives)
	case isoYear < 0 && isoWeek >= 0:
		return runtime.Errorf(runtime.ValueError, "ISO week directive '%%V' is incompatible with the year directive '%%Y'. Use the ISO year '%%G' instead.")
	}
	leap := false
	if t.year == math.MinInt32 {
		if t.year = 1900; t.month == 2 && t.day == 29 {
			t.year, leap = 1904, true // the day exists if the year is left open
		}
	}
	given := t.yearDay > 0
	if !given && t.weekday >= 0 {
		if err := m.fromWeek(t, number, isoYear, isoWeek); err != nil {
			return err
		}
	}
	if t.yearDay == 0 {
		ordinal, err := checkDate(t.year, t.month, t.day)
		if err != nil {
			return err
		}
		t.yearDay = (&day{ordinal}).date().YearDay()
	} else {
		first, err := checkDate(t.year, 1, 1)
		if err != nil {
			return err
		}
		d := (&day{first + int64(t.yearDay) - 1}).date()
		t.year, t.month, t.day = d.Year(), int(d.Month()), d.Day()
	}
	if t.weekday < 0 {
		t.weekday = weekday(time.Date(t.year, time.Month(t.month), t.day, 0, 0, 0, 0, time.UTC))
	}
	if leap {
		t.year = 1900
	}
	return nil
}

// fromWeek finds the day of the year by a week and a weekday.
func (m *layoutMatch) fromWeek(t *parsedTime, number func(d byte, def int) int, isoYear, isoWeek int) error {
	week, fromMonday := number('U', -1), false
	if week < 0 {
		week, fromMonday = number('W', -1), true
	}
	switch {
	case isoYear >= 0:
		fourth, err := checkDate(isoYear, 1, 4) // is in week 1
		if err != nil {
			return err
		}
		t.year = isoYear
		t.yearDay = isoWeek*7 + t.weekday + 1 - (weekday((&day{fourth}).date()) + 4)
	case week >= 0 && m.found['Y']+m.found['y'] != "":
		start, err := checkDate(t.year, 1, 1)
		if err != nil {
			return err
		}
		first, on := weekday((&day{start}).date()), t.weekday
		if !fromMonday {
			first, on = (first+1)%7, (on+1)%7
		}
		if t.yearDay = 1 + on - first; week > 0 {
			t.yearDay = 1 + (7-first)%7 + 7*(week-1) + on
		}
	default:
		return nil
	}
	if t.yearDay < 1 {
		t.year--
		t.yearDay += time.Date(t.year, 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	}
	return nil
}

// parseMoment is datetime.strptime.
func parseMoment(th *thread, a args) (value, error) {
	if len(a.Names) > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "datetime.strptime() takes no keyword arguments")
	}
	if len(a.Vals) != 2 {
		return nil, runtime.Errorf(runtime.TypeError, "strptime() takes exactly 2 arguments (%d given)", len(a.Vals))
	}
	var texts [2]string
	for i := range texts {
		var err error
		if texts[i], err = textArgument("strptime", i+1, a.Vals[i]); err != nil {
			return nil, err
		}
	}
	t, err := parseTime(th, texts[0], texts[1])
	if err != nil {
		return nil, err
	}
	ordinal, err := checkDate(t.year, t.month, t.day)
	if err != nil {
		return nil, err
	}
	micros, err := microsOf(t.hour, t.minute, t.second, t.micros)
	if err != nil {
		return nil, err
	}
	m := &moment{wall: ordinal*microsPerDay + micros}
	if t.hasOffset {
		v, err := newZone(deltaOfMicros(t.offset))
		if err != nil {
			return nil, err
		}
		if m.tz = v.(*zone); t.zone != "" {
			m.tz = &zone{offset: t.offset, name: t.zone, named: true}
		}
	}
	return m, nil
}

// parseTimeTuple is time.strptime.
func parseTimeTuple(th *thread, a args) (value, error) {
	var texts [2]string
	for i := range texts {
		s, ok := runtime.AsStr(a.Vals[i])
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "strptime() argument %d must be str, not <class '%s'>", i, a.Vals[i].Class().Name)
		}
		texts[i] = s
	}
	t, err := parseTime(th, texts[0], texts[1])
	if err != nil {
		return nil, err
	}
	vs := make([]value, 0, timeFields)
	for _, n := range []int{t.year, t.month, t.day, t.hour, t.minute, t.second, t.weekday, t.yearDay, t.dst} {
		vs = append(vs, runtime.NewInt(int64(n)))
	}
	name, offset := runtime.None, runtime.None
	if t.zone != "" {
		name = runtime.Str(t.zone)
	}
	if t.hasOffset {
		offset = runtime.NewInt(t.offset / microsPerSecond)
	}
	return withZone(th, newRecord(structTimeClass, vs...), name, offset)
}
