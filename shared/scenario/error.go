package scenario

import (
	"errors"

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
	return &Error{File: e.File, Line: e.Line, Col: e.Col, Text: e.Text, Field: field, Msg: msg, report: e.Error()}
}

// asError turns what compiling or loading the file failed with into an *Error.
func asError(file string, err error) error {
	if wrong, ok := errors.AsType[*syntax.Error](err); ok {
		return &Error{File: wrong.File, Line: wrong.Line, Col: wrong.Col, Text: wrong.Text, Msg: wrong.Msg, report: wrong.Error()}
	}
	raised, ok := errors.AsType[*runtime.Exception](err)
	if !ok {
		return err
	}
	e := &Error{File: file, Msg: raised.Error(), report: traceback(raised)}
	for _, f := range raised.Frames() {
		if f.File == file {
			e.Line, e.Text = f.Line, f.Source
		}
	}
	return e
}
