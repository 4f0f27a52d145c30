package stdlib

import (
	"strings"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// csvState is where in a record the reader is.
type csvState uint8

const (
	startRecord csvState = iota
	startField
	escapedChar
	inField
	inQuoted
	escapeInQuoted
	quoteInQuoted
	eatNewline
	afterEscapedNewline
)

// endOfLine is what the reader sees after each line.
const endOfLine = -2

// maxField is CPython's limit for the length of a field.
const maxField = 131072

// csvReader is what csv.reader gives.
type csvReader struct {
	*runtime.NativeIterator
	lines atomic.Int64
}

var csvReaderClass = runtime.NewNativeClass("_csv", "_csv.reader", runtime.Members{
	"__iter__": iterSelf(), "__next__": iterNext(),
	"line_num": &runtime.Getter{Name: "line_num", Get: func(_ *thread, self value) (value, error) {
		return runtime.NewInt(self.(*csvReader).lines.Load()), nil
	}},
})

// Class implements runtime.Value.
func (*csvReader) Class() *runtime.Class { return csvReaderClass }

func newCSVReader(th *thread, a args) (value, error) {
	lines, d, err := bindCSV(th, a)
	if err != nil {
		return nil, err
	}
	return readerOf(th, lines, d)
}

func readerOf(th *thread, lines value, d *csvDialect) (*csvReader, error) {
	it, err := runtime.Iter(th, lines)
	if err != nil {
		return nil, err
	}
	r := &csvReader{}
	p := csvParser{dialect: d}
	r.NativeIterator = runtime.NewIterator(csvReaderClass, func(th *thread) (value, error) { return p.record(th, it, &r.lines) }, it)
	return r, nil
}

// csvParser reads one record from as many lines as it takes.
type csvParser struct {
	dialect *csvDialect
	state   csvState
	fields  []value
	field   strings.Builder
	chars   int
	numeric bool
}

func (p *csvParser) record(th *thread, it runtime.Iterator, count *atomic.Int64) (value, error) {
	p.fields, p.state, p.numeric = nil, startRecord, false
	p.field.Reset()
	p.chars = 0
	for {
		line, err := it.Next(th)
		if err != nil {
			return nil, err
		}
		if line == nil {
			if p.chars == 0 && p.state != inQuoted {
				return nil, nil
			}
			if p.dialect.strict {
				return nil, runtime.Errorf(csvError, "unexpected end of data")
			}
			if err := p.save(th); err != nil {
				return nil, err
			}
			return runtime.NewList(p.fields...), nil
		}
		text, ok := runtime.AsStr(line)
		if !ok {
			return nil, runtime.Errorf(csvError, "iterator should return strings, not %s (the file should be opened in text mode)", line.Class().Name)
		}
		count.Add(1)
		if err := th.AllocMany(len(text), 2); err != nil {
			return nil, err
		}
		paid := 0
		for i, c := range text {
			if i >= paid { // a step for eight characters, which are read one at a time
				if err := th.Work(min(csvPart, len(text)-i) << 7); err != nil {
					return nil, err
				}
				paid = i + csvPart
			}
			if err := p.next(th, c); err != nil {
				return nil, err
			}
		}
		if err := p.next(th, endOfLine); err != nil {
			return nil, err
		}
		if err := th.Step(); err != nil {
			return nil, err
		}
		if p.state == startRecord {
			return runtime.NewList(p.fields...), nil
		}
	}
}

// csvPart is how many bytes are read between two looks at the cancel signal.
const csvPart = 64 << 10

// save ends a field.
func (p *csvParser) save(th *thread) error {
	if err := th.Alloc(64); err != nil {
		return err
	}
	var v value = runtime.Str(p.field.String())
	p.field.Reset()
	p.chars = 0
	if p.numeric {
		p.numeric = false
		f, err := runtime.Call(th, runtime.FloatClass, v)
		if err != nil {
			return err
		}
		v = f
	}
	p.fields = append(p.fields, v)
	return nil
}

func (p *csvParser) add(c rune) error {
	if p.chars >= maxField {
		return runtime.Errorf(csvError, "field larger than field limit (%d)", maxField)
	}
	p.field.WriteRune(c)
	p.chars++
	return nil
}

func ends(c rune) bool { return c == '\n' || c == '\r' || c == endOfLine }

// finish ends the last field of a record.
func (p *csvParser) finish(th *thread, c rune) error {
	p.state = eatNewline
	if c == endOfLine {
		p.state = startRecord
	}
	return p.save(th)
}

// next takes one character.
func (p *csvParser) next(th *thread, c rune) error {
	d := p.dialect
	switch p.state {
	case startRecord:
		if c == endOfLine {
			return nil
		}
		if ends(c) {
			p.state = eatNewline
			return nil
		}
		p.state = startField
		return p.begin(th, c)
	case startField:
		return p.begin(th, c)
	case escapedChar:
		p.state = inField
		if c == '\n' || c == '\r' {
			p.state = afterEscapedNewline
		}
		if c == endOfLine {
			c = '\n'
		}
		return p.add(c)
	case afterEscapedNewline:
		if c == endOfLine {
			return nil
		}
		return p.within(th, c)
	case inField:
		return p.within(th, c)
	case inQuoted:
		switch {
		case c == endOfLine:
		case c == d.escape:
			p.state = escapeInQuoted
		case c == d.quote && d.quoting != quoteNone:
			p.state = inField
			if d.doubleQuote {
				p.state = quoteInQuoted
			}
		default:
			return p.add(c)
		}
		return nil
	case escapeInQuoted:
		p.state = inQuoted
		if c == endOfLine {
			c = '\n'
		}
		return p.add(c)
	case quoteInQuoted:
		return p.afterQuote(th, c)
	}
	switch { // eatNewline
	case c == endOfLine:
		p.state = startRecord
	case !ends(c):
		return runtime.Errorf(csvError, "new-line character seen in unquoted field - do you need to open the file in universal-newline mode?")
	}
	return nil
}

// begin takes the first character of a field.
func (p *csvParser) begin(th *thread, c rune) error {
	d := p.dialect
	switch {
	case ends(c):
		return p.finish(th, c)
	case c == d.quote && d.quoting != quoteNone:
		p.state = inQuoted
	case c == d.escape:
		p.state = escapedChar
	case c == ' ' && d.skipSpace:
	case c == d.delimiter:
		return p.save(th)
	default:
		p.numeric = d.quoting == quoteNonNumeric
		p.state = inField
		return p.add(c)
	}
	return nil
}

// within takes a character of a field that is not quoted.
func (p *csvParser) within(th *thread, c rune) error {
	switch {
	case ends(c):
		return p.finish(th, c)
	case c == p.dialect.escape:
		p.state = escapedChar
	case c == p.dialect.delimiter:
		p.state = startField
		return p.save(th)
	default:
		p.state = inField
		return p.add(c)
	}
	return nil
}

// afterQuote takes what follows a quote within a quoted field.
func (p *csvParser) afterQuote(th *thread, c rune) error {
	d := p.dialect
	switch {
	case c == d.quote && d.quoting != quoteNone:
		p.state = inQuoted
		return p.add(c)
	case c == d.delimiter:
		p.state = startField
		return p.save(th)
	case ends(c):
		return p.finish(th, c)
	case d.strict:
		return runtime.Errorf(csvError, "'%c' expected after '%c'", d.delimiter, d.quote)
	}
	p.state = inField
	return p.add(c)
}
