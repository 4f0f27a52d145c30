package sample

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/apitest/internal/openapi/tree"
)

const maxText = 1 << 16 // bytes

func literal(value string) maker {
	return func(b []byte, _ *rand.Rand) []byte { return append(b, value...) }
}

func constant(n tree.Node) maker { return literal(string(n.JSON())) }

// choice makes one of the values; null only if there is nothing else.
func choice(values []tree.Node) maker {
	var texts []string
	for _, value := range values {
		if !value.Null() {
			texts = append(texts, string(value.JSON()))
		}
	}
	if len(texts) == 0 {
		return literal("null")
	}
	return func(b []byte, r *rand.Rand) []byte { return append(b, texts[r.IntN(len(texts))]...) }
}

// number makes multiples of a step: that of multipleOf, or the one that is given. Without bounds they are small and positive.
func number(schemas []tree.Node, step float64) (maker, error) {
	multiple, fixed := first(schemas, "multipleOf").Number()
	if fixed = fixed && multiple > 0; fixed {
		step = multiple
	}
	fixed = fixed || step == 1
	low, above, hasLow := limit(schemas, "minimum", "exclusiveMinimum")
	high, below, hasHigh := limit(schemas, "maximum", "exclusiveMaximum")
	span := 1000 * max(step, 1)
	switch {
	case !hasLow && !hasHigh:
		low, high = min(step, 1), span
	case !hasHigh:
		high = low + span
	case !hasLow:
		low = high - span
	default:
	}
	if low == high && !above && !below {
		return literal(strconv.FormatFloat(low, 'f', -1, 64)), nil
	}
	for digits := 3; !fixed && low < high && high-low < 10*step; digits++ {
		step = math.Pow10(-digits)
	}
	const exact = 1 << 53 // integers up to it are exact
	from, to := max(math.Ceil(low/step), -exact), min(math.Floor(high/step), exact)
	if above && from*step == low {
		from++
	}
	if below && to*step == high {
		to--
	}
	if from > to {
		return nil, fmt.Errorf("there is no multiple of %v between %v and %v", step, low, high)
	}
	_, fraction, _ := strings.Cut(strconv.FormatFloat(step, 'f', -1, 64), ".")
	first, count := int64(from), int64(to-from)+1
	return func(b []byte, r *rand.Rand) []byte {
		return strconv.AppendFloat(b, float64(first+r.Int64N(count))*step, 'f', len(fraction), 64)
	}, nil
}

// limit returns a bound and whether it is outside of what it bounds: exclusiveMinimum is a boolean in OpenAPI 3.0, later a number.
func limit(schemas []tree.Node, inclusive, exclusive string) (value float64, outside, ok bool) {
	e := first(schemas, exclusive)
	if value, ok := e.Number(); ok {
		return value, true, true
	}
	value, ok = first(schemas, inclusive).Number()
	return value, e.True(), ok
}

// words makes strings: by pattern if it can be read, or else by format, or else by length.
func words(schemas []tree.Node) (maker, error) {
	least, most := sizes(schemas, "minLength", "maxLength")
	if least > maxText {
		return nil, fmt.Errorf("a text of %d characters is longer than %d", least, maxText)
	}
	if pattern, err := syntax.Parse(first(schemas, "pattern").Text(), syntax.Perl); err == nil && pattern.Op != syntax.OpEmptyMatch {
		return func(b []byte, r *rand.Rand) []byte {
			text := ""
			for range 20 { // most patterns leave some of the length open
				text = matching(pattern, r)
				if n := utf8.RuneCountInString(text); least <= n && n <= most {
					break
				}
			}
			return append(b, quote(text)...)
		}, nil
	}
	if format := formats[first(schemas, "format").Text()]; format != nil {
		return quoted(format), nil
	}
	length := min(max(8, least), most)
	return quoted(func(r *rand.Rand) string { return letters(r, length) }), nil
}

// quoted makes strings in which nothing needs to be escaped.
func quoted(text func(*rand.Rand) string) maker {
	return func(b []byte, r *rand.Rand) []byte { return append(append(append(b, '"'), text(r)...), '"') }
}

func quote(text string) string {
	b, _ := json.Marshal(text) // a string always has JSON
	return string(b)
}

func letters(r *rand.Rand, n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz"
	b := make([]byte, n)
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

var formats = map[string]func(*rand.Rand) string{
	"uuid":          uuid,
	"date":          func(r *rand.Rand) string { return instant(r).Format(time.DateOnly) },
	"date-time":     func(r *rand.Rand) string { return instant(r).Format(time.RFC3339) },
	"time":          func(r *rand.Rand) string { return instant(r).Format("15:04:05Z07:00") },
	"duration":      func(r *rand.Rand) string { return fmt.Sprintf("PT%dM", 1+r.IntN(59)) },
	"email":         func(r *rand.Rand) string { return letters(r, 8) + "@example.com" },
	"idn-email":     func(r *rand.Rand) string { return letters(r, 8) + "@example.com" },
	"hostname":      func(r *rand.Rand) string { return letters(r, 8) + ".example.com" },
	"idn-hostname":  func(r *rand.Rand) string { return letters(r, 8) + ".example.com" },
	"uri":           func(r *rand.Rand) string { return "https://example.com/" + letters(r, 8) },
	"url":           func(r *rand.Rand) string { return "https://example.com/" + letters(r, 8) },
	"iri":           func(r *rand.Rand) string { return "https://example.com/" + letters(r, 8) },
	"uri-reference": func(r *rand.Rand) string { return "/" + letters(r, 8) },
	"ipv4":          func(r *rand.Rand) string { return fmt.Sprintf("192.0.2.%d", 1+r.IntN(254)) },
	"ipv6":          func(r *rand.Rand) string { return fmt.Sprintf("2001:db8::%x", 1+r.IntN(0xfffe)) },
	"byte":          func(r *rand.Rand) string { return base64.StdEncoding.EncodeToString([]byte(letters(r, 9))) },
}

// instant is a second of the year 2025: samples are the same each time.
func instant(r *rand.Rand) time.Time {
	return time.Date(2025, time.January, 1, 0, 0, r.IntN(365*24*3600), 0, time.UTC)
}

// uuid is one of version 4.
func uuid(r *rand.Rand) string {
	high, low := r.Uint64()&^0xf000|0x4000, r.Uint64()>>2|1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", high>>32, high>>16&0xffff, high&0xffff, low>>48, low&(1<<48-1))
}
