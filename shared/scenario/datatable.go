package scenario

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// maxDataRow is the length of the longest row of a data file, in bytes.
const maxDataRow = 1 << 20

// A table holds the rows of a data file: its text, and where in it each row begins. A row becomes a dict when a script asks
// for it, so a million rows take no more than the file and 4 bytes each. A table is immutable.
type table struct {
	name    string
	format  format
	text    string
	starts  []uint32 // of each row, and at last where the text ends
	columns []string // of the header; of JSON all keys, in the order in which they first appear
	filled  []int    // of JSON: how many rows have each column
}

// newTable reads a data file. The error names the file, and the line if one is wrong.
func newTable(ctx context.Context, name, text string) (*table, error) {
	t := &table{name: name, format: dataFormat(name), text: text}
	if len(text) > MaxDataFile {
		return nil, fmt.Errorf("%s has %d bytes: a data file may have %d MiB", name, len(text), MaxDataFile>>20)
	}
	if !utf8.ValidString(text) {
		return nil, t.wrong(validPrefix(text), "the text is not UTF-8")
	}
	read := t.readCSV
	if t.format == formatJSON {
		read = t.readJSON
	}
	if err := read(ctx); err != nil {
		return nil, err
	}
	if len(t.starts) == 0 {
		return nil, fmt.Errorf("%s has no rows", name)
	}
	t.starts = slices.Clip(append(t.starts, uint32(len(text)))) //nolint:gosec // at most MaxDataFile
	return t, nil
}

// validPrefix returns how many bytes of a text stand before the first that are not UTF-8.
func validPrefix(text string) int {
	for i := 0; ; {
		_, size := utf8.DecodeRuneInString(text[i:])
		if size <= 1 && text[i] >= utf8.RuneSelf {
			return i
		}
		i += size
	}
}

// wrong is an error of the line at a byte of the text.
func (t *table) wrong(at int, format string, args ...any) error {
	return t.wrongLine(strings.Count(t.text[:at], "\n")+1, format, args...)
}

func (t *table) wrongLine(line int, format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %s", t.name, line, fmt.Sprintf(format, args...))
}

// byteOrderMark may stand before the text.
const byteOrderMark = "\ufeff"

// readCSV checks the whole file and notes where its rows begin.
func (t *table) readCSV(ctx context.Context) error {
	skipped := len(t.text) - len(strings.TrimPrefix(t.text, byteOrderMark))
	r := csv.NewReader(strings.NewReader(t.text[skipped:]))
	r.ReuseRecord = true
	offset := func() int { return skipped + int(r.InputOffset()) }
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("%s is empty: its first line must name the columns", t.name)
	}
	if err != nil {
		return t.csvError(err, nil)
	}
	t.columns = slices.Clone(header)
	for i, c := range t.columns {
		switch {
		case strings.TrimSpace(c) == "":
			return t.wrongLine(1, "column %d of the header has no name", i+1)
		case slices.Contains(t.columns[:i], c):
			return t.wrongLine(1, "the header has two columns %q", c)
		}
	}
	for {
		start := skipEmptyLines(t.text, offset()) // as the reader does
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return t.csvError(err, row)
		}
		if offset()-start > maxDataRow {
			return t.wrong(start, "a row may have %d MiB", maxDataRow>>20)
		}
		if err := t.add(ctx, start); err != nil {
			return err
		}
	}
}

func skipEmptyLines(text string, at int) int {
	for {
		rest := strings.TrimPrefix(text[at:], "\r")
		if !strings.HasPrefix(rest, "\n") {
			return at
		}
		at = len(text) - len(rest) + 1
	}
}

// csvError says what the reader found wrong, in words that fit.
func (t *table) csvError(err error, row []string) error {
	at, ok := errors.AsType[*csv.ParseError](err)
	switch {
	case !ok:
		return fmt.Errorf("%s: %w", t.name, err)
	case errors.Is(err, csv.ErrFieldCount):
		return t.wrongLine(at.StartLine, "%s where the header has %d", count(len(row), "field"), len(t.columns))
	case errors.Is(err, csv.ErrQuote):
		return t.wrongLine(at.StartLine, "a quote is not closed, or there is more after it")
	case errors.Is(err, csv.ErrBareQuote):
		return t.wrongLine(at.Line, "a quote within a field that is not quoted")
	}
	return t.wrongLine(at.Line, "%v", at.Err)
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// add notes a row.
func (t *table) add(ctx context.Context, start int) error {
	t.starts = append(t.starts, uint32(start)) //nolint:gosec // at most MaxDataFile
	if len(t.starts)%1024 == 0 && ctx.Err() != nil {
		return fmt.Errorf("read %s: %w", t.name, ctx.Err())
	}
	return nil
}

// readJSON checks the whole file and notes where its rows begin.
func (t *table) readJSON(ctx context.Context) error {
	th := runtime.NewThread(runtime.Limits{Steps: math.MaxInt64, Bytes: math.MaxInt64})
	column := map[string]int{}
	start := len(t.text) - len(strings.TrimPrefix(t.text, byteOrderMark))
	for line := 1; start < len(t.text); line++ {
		text, _, _ := strings.Cut(t.text[start:], "\n")
		if strings.TrimSpace(text) == "" {
			start += len(text) + 1
			continue
		}
		if len(text) > maxDataRow {
			return t.wrongLine(line, "a row may have %d MiB", maxDataRow>>20)
		}
		row, err := runtime.ParseJSONString(th, text)
		if err != nil {
			return t.wrongLine(line, "not JSON: %s", jsonFault(th, err))
		}
		object, ok := row.(*runtime.Dict)
		if !ok {
			return t.wrongLine(line, "not an object: each line must be one, such as {\"name\": \"Ada\"}")
		}
		for k := range object.All() {
			key, _ := runtime.AsStr(k)
			i, known := column[key]
			if !known {
				i = len(t.columns)
				column[key] = i
				t.columns, t.filled = append(t.columns, key), append(t.filled, 0)
			}
			t.filled[i]++
		}
		if err := t.add(ctx, start); err != nil {
			return err
		}
		start += len(text) + 1
	}
	return nil
}

// jsonFault is what a JSONDecodeError says, without the line: the caller knows better.
func jsonFault(th *runtime.Thread, err error) string {
	raised := runtime.AsException(err)
	msg, _ := runtime.GetAttr(th, raised, "msg")
	col, _ := runtime.GetAttr(th, raised, "colno")
	text, isText := msg.(runtime.Str)
	n, isInt := col.(runtime.Int)
	if !isText || !isInt {
		return raised.Error()
	}
	return fmt.Sprintf("%s at column %d", text, n)
}

func (t *table) rows() int { return len(t.starts) - 1 }

// row makes a new dict of a row.
func (t *table) row(th *runtime.Thread, i int) (runtime.Value, error) {
	text := t.text[t.starts[i]:t.starts[i+1]]
	if t.format == formatJSON {
		text, _, _ = strings.Cut(text, "\n")
		if err := th.Alloc(len(text)); err != nil {
			return nil, err
		}
		return runtime.ParseJSONString(th, text)
	}
	const fieldSize = 64 // of a dict's entry, about
	if err := th.AllocMany(len(t.columns), fieldSize); err != nil {
		return nil, err
	}
	row := runtime.NewDictSize(len(t.columns))
	for _, column := range t.columns {
		var field string
		field, text = cutField(text)
		row.SetStr(column, runtime.Str(field))
	}
	return row, nil
}

// cutField takes the first field off a row that encoding/csv has accepted.
func cutField(row string) (field, rest string) {
	if !strings.HasPrefix(row, `"`) {
		end := strings.IndexAny(row, ",\n")
		if end < 0 {
			return strings.TrimSuffix(row, "\r"), ""
		}
		if field, rest = row[:end], row[end+1:]; row[end] == '\n' {
			field = strings.TrimSuffix(field, "\r")
		}
		return field, rest
	}
	var quoted bytes.Buffer // only if the field holds quotes
	for row = row[1:]; ; {
		end := strings.IndexByte(row, '"')
		part, after := row[:end], row[end+1:]
		if strings.HasPrefix(after, `"`) {
			quoted.WriteString(part)
			quoted.WriteByte('"')
			row = after[1:]
			continue
		}
		if quoted.Len() > 0 {
			part = quoted.String() + part
		}
		_, rest, _ = strings.Cut(after, ",")
		return strings.ReplaceAll(part, "\r\n", "\n"), rest
	}
}

// lacking returns what is wrong with taking a column for one that every row has, "" if each has it.
func (t *table) lacking(column string) string {
	i := slices.Index(t.columns, column)
	switch {
	case i < 0:
		return fmt.Sprintf("%s has no column %q, only %s", t.name, column, t.list())
	case t.format == formatCSV || t.filled[i] == t.rows():
		return ""
	}
	th := runtime.NewThread(runtime.Limits{Steps: math.MaxInt64, Bytes: math.MaxInt64})
	for i := range t.rows() {
		row, err := t.row(th, i)
		if err != nil {
			return err.Error()
		}
		if has, err := runtime.Contains(th, row, runtime.Str(column)); err != nil || !has {
			return t.wrong(int(t.starts[i]), "the object has no %q", column).Error()
		}
	}
	return ""
}

// noMoreRows is why a run stops.
func (t *table) noMoreRows() string { return t.name + ": no more rows" }

// maxListed is how many columns a message lists.
const maxListed = 20

func (t *table) list() string {
	if len(t.columns) <= maxListed {
		return strings.Join(t.columns, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(t.columns[:maxListed], ", "), len(t.columns)-maxListed)
}
