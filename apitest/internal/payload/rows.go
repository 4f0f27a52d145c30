package payload

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// rows is a CSV file.
type rows struct {
	columns []string
	records [][]string
}

func openRows(ctx context.Context, file string) (*rows, error) {
	text, err := ReadFile(ctx, file)
	if err != nil {
		return nil, err
	}
	r, err := readRows(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// readRows reads a header line, and at least one more.
func readRows(from io.Reader) (*rows, error) {
	records, err := csv.NewReader(from).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) < 2 {
		return nil, errors.New("it needs a line with the names of the columns, and at least one with values")
	}
	columns := records[0]
	columns[0] = strings.TrimPrefix(columns[0], "\ufeff") // spreadsheets write this mark
	return &rows{columns: columns, records: records[1:]}, nil
}

// column returns the values of a column.
func (r *rows) column(name string) ([]string, error) {
	i := slices.Index(r.columns, name)
	if i < 0 {
		return nil, fmt.Errorf("there is no such column; the file has %s", strings.Join(r.columns, ", "))
	}
	values := make([]string, len(r.records))
	for n, record := range r.records {
		values[n] = record[i]
	}
	return values, nil
}
