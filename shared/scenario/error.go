package scenario

import (
	"errors"
	"fmt"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// Error is what is wrong with a scenario file. It matches load.ErrInvalid.
type Error struct {
	File  string
	Line  int    // from 1
	Col   int    // from 1, in characters; 0 when unknown
	Text  string // the source line
	Field string // the parameter that was refused, or ""
	Msg   string // one line

	endCol int // the column after the last one meant
	report string
}

// Error returns the whole report: place, source line, caret and message.
func (e *Error) Error() string { return e.report }

// Unwrap makes every Error match load.ErrInvalid.
func (e *Error) Unwrap() error { return load.ErrInvalid }

// errorAt refuses a field whose value, or whose owner, is a node.
func (s *source) errorAt(n syntax.Node, field, msg string) *Error {
	e := syntax.NewError(s.module, n.Range(), "%s: %s", field, msg)
	e.Kind = "ScenarioError"
	return &Error{File: e.File, Line: e.Line, Col: e.Col, Text: e.Text, Field: field, Msg: msg, endCol: e.EndCol, report: e.Error()}
}

// asError turns what compiling or loading the file failed with into an *Error.
func asError(file string, err error, mask mask) error {
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		return &Error{File: wrong.File, Line: wrong.Line, Col: wrong.Col, Text: wrong.Text, Msg: wrong.Msg, endCol: wrong.EndCol, report: wrong.Error()}
	}
	if raised, ok := errors.AsType[*runtime.Exception](err); ok {
		return raisedIn(file, raised, mask)
	}
	return err
}

// raisedIn is an exception that the top level of the file did not catch.
func raisedIn(file string, raised *runtime.Exception, mask mask) *Error {
	e := &Error{File: file, Msg: raised.Error(), report: traceback(raised, mask)}
	for _, f := range raised.Frames() {
		if f.File == file {
			e.Line, e.Text = f.Line, f.Source
		}
	}
	return e
}

// tookTooLong says where the file was when its time was up.
func tookTooLong(file string, err error, mask mask) *Error {
	e := raisedIn(file, runtime.AsException(err), mask)
	msg := fmt.Sprintf("loading the scenario took longer than %g s", loadLimit.Seconds())
	e.report = strings.TrimSuffix(e.report, e.Msg) + msg
	e.Msg = msg
	return e
}
