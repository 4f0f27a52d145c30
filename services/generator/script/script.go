// Package script holds the values that a generator and the script engine exchange.
package script

import (
	"context"
	"iter"
	"time"
)

// Client sends what a script asks for.
type Client interface {
	Do(ctx context.Context, req *Request) *Response
	Batch(ctx context.Context, reqs []*Request) []*Response
}

// Request is what a script asks for.
type Request struct {
	Method, URL string
	Header      []Field
	Body        []byte
	Timeout     time.Duration
}

// Field is a header field.
type Field struct{ Name, Value string }

// Response is what came back.
type Response struct {
	Status  int
	Header  iter.Seq2[string, string]
	Body    []byte
	Elapsed time.Duration
	Err     error
	Class   string
}

// CheckState is the outcome of a check.
type CheckState uint8

// The outcomes of a check.
const (
	CheckNone CheckState = iota
	CheckPassed
	CheckFailed
)

// Outcome is how an invocation of a script ended.
type Outcome struct {
	Failed   bool
	Class    string
	Message  string
	Check    CheckState
	Internal bool
}
