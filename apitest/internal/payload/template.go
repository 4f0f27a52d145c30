package payload

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/loadpilot/loadpilot/shared/load"
)

// maxHex is how many digits one {{hex}} may have.
const maxHex = 1 << 16

// request is what the parts of a template know of the request that they are filled in for.
type request struct {
	n      int64
	client int64
	random *rand.Rand
}

// part appends a piece of text.
type part func(b []byte, r *request) []byte

// template is a compiled text.
type template struct {
	text  string // of all requests, if there are no parts
	parts []part
}

func (t template) append(b []byte, r *request) []byte {
	b = append(b, t.text...)
	for _, p := range t.parts {
		b = p(b, r)
	}
	return b
}

// compiler makes templates.
type compiler struct {
	rows *rows // nil: no file given
	env  load.Environment
	json bool // what stands within quotes is a string of JSON

	quoted bool // the place that compile has come to is within quotes
}

func (c compiler) compile(text string) (template, error) {
	var parts []part
	var literal strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{{")
		literal.WriteString(before)
		c.quoted = quoted(before, c.quoted)
		if !found {
			break
		}
		if after, ok := strings.CutPrefix(rest, "{{"); ok {
			literal.WriteString("{{")
			text = after
			continue
		}
		inside, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return template{}, errors.New("a {{ has no }}; write {{{{ for {{ itself")
		}
		text = after
		words := strings.Fields(inside)
		if len(words) == 0 {
			return template{}, errors.New("{{}} is empty; write {{{{ for {{ itself")
		}
		if name, ok := strings.CutPrefix(words[0], "env."); ok && len(words) == 1 {
			value, ok := c.env[name]
			if !ok {
				return template{}, fmt.Errorf("{{env.%s}} is not allowed or not set: --env %s", name, name)
			}
			literal.WriteString(c.escape(value))
			continue
		}
		p, err := c.part(words[0], words[1:])
		if err != nil {
			return template{}, fmt.Errorf("{{%s}}: %w", strings.Join(words, " "), err)
		}
		parts = append(parts, constant(literal.String()), p)
		literal.Reset()
	}
	if len(parts) == 0 {
		return template{text: literal.String()}, nil
	}
	return template{parts: append(parts, constant(literal.String()))}, nil
}

func constant(text string) part {
	return func(b []byte, _ *request) []byte { return append(b, text...) }
}

// quoted reports whether the end of a piece of JSON is within quotes, if its beginning is or is not.
func quoted(piece string, within bool) bool {
	for i := 0; i < len(piece); i++ {
		switch {
		case piece[i] == '"':
			within = !within
		case piece[i] == '\\' && within:
			i++
		}
	}
	return within
}

// escape makes a text fit for where it is put.
func (c compiler) escape(text string) string {
	if !c.json || !c.quoted {
		return text
	}
	quoted, _ := json.Marshal(text) //nolint:errchkjson // a string always can be
	return string(quoted[1 : len(quoted)-1])
}

// part returns what fills in {{name args}}.
func (c compiler) part(name string, args []string) (part, error) {
	if column, ok := strings.CutPrefix(name, "row."); ok && len(args) == 0 {
		return c.row(column)
	}
	makers := map[string]func([]string) (part, error){
		"seq": seq, "int": integer, "float": float, "hex": digits, "choice": c.choice,
		"uuid":    none(func(b []byte, r *request) []byte { return appendUUID(b, randomUUID(r.random)) }),
		"now":     none(func(b []byte, _ *request) []byte { return time.Now().UTC().AppendFormat(b, "2006-01-02T15:04:05.000Z") }),
		"unix_ms": none(func(b []byte, _ *request) []byte { return strconv.AppendInt(b, time.Now().UnixMilli(), 10) }),
		"client":  none(func(b []byte, r *request) []byte { return strconv.AppendInt(b, r.client, 10) }),
	}
	if maker, ok := makers[name]; ok {
		return maker(args)
	}
	return nil, errors.New("there are seq, uuid, int, float, hex, choice, now, unix_ms, client, row.COLUMN and env.NAME")
}

// none makes a part that takes no arguments.
func none(p part) func([]string) (part, error) {
	return func(args []string) (part, error) {
		if len(args) > 0 {
			return nil, errors.New("it takes nothing")
		}
		return p, nil
	}
}

func seq(args []string) (part, error) {
	var first int64
	if len(args) > 0 {
		var err error
		if first, err = strconv.ParseInt(args[0], 10, 64); err != nil || len(args) > 1 {
			return nil, errors.New("it takes the first number, as in {{seq 1000}}")
		}
	}
	return func(b []byte, r *request) []byte { return strconv.AppendInt(b, first+r.n, 10) }, nil
}

func integer(args []string) (part, error) {
	if len(args) == 2 {
		low, err1 := strconv.ParseInt(args[0], 10, 64)
		high, err2 := strconv.ParseInt(args[1], 10, 64)
		if err1 == nil && err2 == nil && low <= high {
			span := uint64(high) - uint64(low) //nolint:gosec // modulo 2^64 the difference is right
			return func(b []byte, r *request) []byte {
				offset := r.random.Uint64()
				if span < math.MaxUint64 {
					offset = r.random.Uint64N(span + 1)
				}
				return strconv.AppendInt(b, low+int64(offset), 10) //nolint:gosec // likewise
			}, nil
		}
	}
	return nil, errors.New("it takes the lowest and the highest number, as in {{int 1 100}}")
}

func float(args []string) (part, error) {
	if len(args) == 2 {
		low, err1 := strconv.ParseFloat(args[0], 64)
		high, err2 := strconv.ParseFloat(args[1], 64)
		if span := high - low; err1 == nil && err2 == nil && span >= 0 && !math.IsInf(span, 0) {
			return func(b []byte, r *request) []byte {
				return strconv.AppendFloat(b, low+span*r.random.Float64(), 'f', 6, 64)
			}, nil
		}
	}
	return nil, errors.New("it takes the lowest and the highest number, as in {{float 0 1}}")
}

func digits(args []string) (part, error) {
	if len(args) == 1 {
		if n, err := strconv.Atoi(args[0]); err == nil && n > 0 && n <= maxHex {
			return func(b []byte, r *request) []byte {
				var bits uint64
				for i := range n {
					if i%16 == 0 {
						bits = r.random.Uint64()
					}
					b = append(b, "0123456789abcdef"[bits&15])
					bits >>= 4
				}
				return b
			}, nil
		}
	}
	return nil, fmt.Errorf("it takes how many digits, up to %d, as in {{hex 8}}", maxHex)
}

func (c compiler) choice(args []string) (part, error) {
	if len(args) == 0 {
		return nil, errors.New("it takes words, as in {{choice a b c}}")
	}
	words := make([]string, len(args))
	for i, arg := range args {
		words[i] = c.escape(arg)
	}
	return func(b []byte, r *request) []byte { return append(b, words[r.random.IntN(len(words))]...) }, nil
}

func (c compiler) row(column string) (part, error) {
	if c.rows == nil {
		return nil, errors.New("it needs a CSV file: --data FILE")
	}
	values, err := c.rows.column(column)
	if err != nil {
		return nil, err
	}
	for i := range values {
		values[i] = c.escape(values[i])
	}
	return func(b []byte, r *request) []byte { return append(b, values[r.n%int64(len(values))]...) }, nil
}

// randomUUID returns a uuid of version 4.
func randomUUID(random *rand.Rand) (u uuid.UUID) {
	binary.BigEndian.PutUint64(u[:8], random.Uint64()&^0xf000|0x4000)
	binary.BigEndian.PutUint64(u[8:], random.Uint64()>>2|1<<63)
	return u
}

func appendUUID(b []byte, u uuid.UUID) []byte {
	for i, group := range [][]byte{u[:4], u[4:6], u[6:8], u[8:10], u[10:]} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, group)
	}
	return b
}
