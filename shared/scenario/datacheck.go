package scenario

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// ReadData reads the files that DataFiles names, below the folder of the scenario file, for Options.Files. Each error is an
// *Error with the place where the script names the file.
func ReadData(file string, text []byte, folder fs.FS) (map[string]string, error) {
	s, err := newSource(file, text)
	if err != nil {
		return nil, asError(file, err, nil)
	}
	calls, err := s.dataCalls()
	if err != nil {
		return nil, err
	}
	files, total := map[string]string{}, int64(0)
	for _, c := range calls {
		if _, have := files[c.name]; have {
			continue
		}
		refuse := func(format string, args ...any) error {
			return s.errorAt(c.call.Args[0], "data", fmt.Sprintf(format, args...))
		}
		info, err := fs.Stat(folder, c.name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, refuse("there is no file %q in the scenario's folder", c.name)
		case err != nil:
			return nil, refuse("%v", err)
		case info.IsDir():
			return nil, refuse("%q is a folder", c.name)
		case info.Size() > MaxDataFile:
			return nil, refuse("%s has %d bytes: a data file may have %d MiB", c.name, info.Size(), MaxDataFile>>20)
		}
		if total += info.Size(); total > MaxData {
			return nil, refuse("%s", tooMuchData(total))
		}
		content, err := fs.ReadFile(folder, c.name)
		if err != nil {
			return nil, refuse("%v", err)
		}
		files[c.name] = string(content)
	}
	return files, nil
}

func tooMuchData(total int64) string {
	return fmt.Sprintf("the data files have %d bytes together: they may have %d MiB", total, MaxData>>20)
}

// tables reads the data files of a script, and refuses what the script can be seen to ask of them in vain.
func (s *source) tables(ctx context.Context, files map[string]string) (map[string]*table, error) {
	calls, err := s.dataCalls()
	if err != nil {
		return nil, err
	}
	tables, total := map[string]*table{}, int64(0)
	for _, c := range calls {
		if tables[c.name] != nil {
			continue
		}
		text, given := files[c.name]
		if !given {
			return nil, s.errorAt(c.call.Args[0], "data", fmt.Sprintf("the file %q was not sent with the scenario", c.name))
		}
		if total += int64(len(text)); total > MaxData {
			return nil, s.errorAt(c.call.Args[0], "data", tooMuchData(total))
		}
		t, err := newTable(ctx, c.name, text)
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			return nil, s.errorAt(c.call.Args[0], "data", err.Error())
		}
		tables[c.name] = t
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if tables[name] == nil {
			return nil, &load.FieldError{Field: "files", Message: fmt.Sprintf("the scenario reads no data file %q", name)}
		}
	}
	return tables, s.checkColumns(calls, tables)
}

// checkColumns refuses columns that a file does not have, as far as they can be seen without running the script: in the
// parameter columns, and in subscripts of rows.
func (s *source) checkColumns(calls []dataCall, tables map[string]*table) error {
	byCall := map[syntax.Expr]*table{}
	for _, c := range calls {
		byCall[c.call] = tables[c.name]
		if err := s.checkRequired(c.call, tables[c.name]); err != nil {
			return err
		}
	}
	check := rowCheck{source: s, data: map[string]*table{}}
	body := make([]syntax.Node, len(s.module.Body))
	for i, stmt := range s.module.Body {
		body[i] = stmt
	}
	bound := bindings(body...)
	for _, stmt := range s.module.Body {
		if a, ok := stmt.(*syntax.Assign); ok && len(a.Targets) == 1 && byCall[a.Value] != nil {
			if name, ok := a.Targets[0].(*syntax.Name); ok && bound[name.ID] == 1 {
				check.data[name.ID] = byCall[a.Value]
			}
		}
	}
	for _, stmt := range s.module.Body {
		check.visit(stmt, false)
	}
	return check.wrong
}

// checkRequired refuses a literal in the parameter columns of a call that the file does not have.
func (s *source) checkRequired(call *syntax.Call, t *table) error {
	var names []syntax.Expr
	switch list := keyword([]syntax.Expr{call}, "columns").(type) {
	case *syntax.List:
		names = list.Elts
	case *syntax.Tuple:
		names = list.Elts
	}
	for _, e := range names {
		c, _ := e.(*syntax.Constant)
		if c == nil {
			continue
		}
		if name, ok := c.Value.(string); ok {
			if msg := t.lacking(name); msg != "" {
				return s.errorAt(c, "data", msg)
			}
		}
	}
	return nil
}

// A rowCheck looks for subscripts of rows.
type rowCheck struct {
	*source
	data  map[string]*table // by the variables that hold it; each is bound once in the whole file
	wrong error
}

// visit checks rows that are used where they are made, as in USERS.row()["name"], and those that a function keeps.
func (c *rowCheck) visit(n syntax.Node, inFunction bool) {
	switch n := n.(type) {
	case *syntax.Subscript:
		c.key(c.row(n.Value), n.Index)
	case *syntax.FunctionDef:
		if !inFunction {
			c.function(n)
		}
		inFunction = true
	}
	syntax.Children(n, func(child syntax.Node) { c.visit(child, inFunction) })
}

// key checks a subscript of a row.
func (c *rowCheck) key(t *table, index syntax.Expr) {
	literal, ok := index.(*syntax.Constant)
	if t == nil || !ok || c.wrong != nil {
		return
	}
	name, ok := literal.Value.(string)
	if ok && !slices.Contains(t.columns, name) {
		c.wrong = c.errorAt(literal, "data", t.lacking(name))
	}
}

// row returns the data that an expression takes a row of, or nil.
func (c *rowCheck) row(e syntax.Expr) *table {
	var data syntax.Expr
	switch e := e.(type) {
	case *syntax.Call:
		if fn, ok := e.Func.(*syntax.Attribute); ok && fn.Attr == "row" {
			data = fn.Value
		}
	case *syntax.Subscript:
		if _, isSlice := e.Index.(*syntax.Slice); !isSlice {
			data = e.Value
		}
	}
	if name, ok := data.(*syntax.Name); ok {
		return c.data[name.ID]
	}
	return nil
}

// function checks the rows that a function gives names to. A name must be bound once, and nothing may be done with it that
// could add a key.
func (c *rowCheck) function(f *syntax.FunctionDef) {
	bound, all := bindings(f), mentions(f)
	walk(f, func(n syntax.Node) {
		a, ok := n.(*syntax.Assign)
		if !ok || len(a.Targets) != 1 {
			return
		}
		name, ok := a.Targets[0].(*syntax.Name)
		t := c.row(a.Value)
		if !ok || t == nil || bound[name.ID] != 1 {
			return
		}
		if keys, harmless := reads(f, name.ID); harmless == all[name.ID]-1 {
			for _, key := range keys {
				c.key(t, key)
			}
		}
	})
}

// reads returns the subscripts by which a function reads a name, and how many mentions of the name change nothing.
func reads(f *syntax.FunctionDef, name string) (keys []syntax.Expr, harmless int) {
	stored := map[syntax.Node]bool{}
	walk(f, func(n syntax.Node) {
		for _, t := range targets(n) {
			stored[t] = true
		}
	})
	walk(f, func(n syntax.Node) {
		switch n := n.(type) {
		case *syntax.Subscript:
			if isName(n.Value, name) && !stored[n] {
				keys = append(keys, n.Index)
				harmless++
			}
		case *syntax.Attribute:
			if isName(n.Value, name) && slices.Contains([]string{"get", "items", "keys", "values", "copy"}, n.Attr) {
				harmless++
			}
		case *syntax.Keyword: // json=row
			if isName(n.Value, name) {
				harmless++
			}
		case *syntax.FormattedValue:
			if isName(n.Value, name) {
				harmless++
			}
		}
	})
	return keys, harmless
}

// bindings counts how often each name is bound in some code, functions within it and their parameters included.
func bindings(code ...syntax.Node) map[string]int {
	b := body{bound: map[string]int{}}
	for _, n := range code {
		walk(n, func(n syntax.Node) {
			b.count(n)
			switch n := n.(type) {
			case *syntax.Parameter:
				b.bound[n.Name]++
			case *syntax.Global:
				for _, name := range n.Names {
					b.bound[name]++
				}
			}
		})
	}
	return b.bound
}
