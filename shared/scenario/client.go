package scenario

import (
	"context"
	"iter"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Client sends what a script asks for. A generator gives one to each invocation.
type Client interface {
	// Do sends one request and returns when the last byte of the answer was read, or
	// when it failed. The request may be used again: it must not be changed.
	Do(ctx context.Context, req *Request) *Response
	// Batch sends requests at the same time and returns their answers in the same order.
	Batch(ctx context.Context, reqs []*Request) []*Response
	// Measure takes what a script measured itself. It counts whatever becomes of the invocation.
	Measure(m Measure)
}

// A Bystander is a client that is told when the script takes longer than others would want to wait for it.
type Bystander interface {
	Client
	Aside()
}

// Request is an HTTP request as a script asked for it.
type Request struct {
	Method  string // GET, POST, PUT, PATCH or DELETE
	URL     string // a path below the target, or absolute; with its query, percent-encoded
	Header  []Field
	Body    []byte
	Timeout time.Duration // 0: the plan's
	Connect time.Duration // until a connection stands, from where on Timeout counts; 0: Timeout covers both
	Name    string        // under which it is measured together with others; "" for none

	opts options
}

// options are what a request leaves to this package. Clients know nothing of them.
type options struct {
	redirects bool // they are followed
	cookies   bool // the Cookie field holds the script's cookies=: those of the jar belong beside them
	implied   bool // the Content-Type is what the body implies: the user's default comes before it
}

// Field is a header field.
type Field struct{ Name, Value string }

// Response is the answer to a request, or the reason why there is none.
type Response struct {
	Status     int
	Reason     string                    // of the status; "": the usual one
	Version    string                    // of the protocol, such as HTTP/2; "" for HTTP/1.1
	Header     iter.Seq2[string, string] // may be nil; like Body, valid until the invocation ends
	SetsCookie bool                      // Header has a Set-Cookie field
	Encoding   string                    // the Content-Encoding of Body; "" for none
	Body       []byte
	Elapsed    time.Duration // from sending to the last byte
	Err        error         // not nil: there was no usable answer
	Class      string        // of Err, one of load.Error…
	Stage      Stage         // in which Err came up
}

// Stage is how far a request that failed had come.
type Stage uint8

// The stages of a request.
const (
	StageReceive Stage = iota // it was sent
	StageConnect              // there was no connection yet
	StageSend                 // it was being sent
)

// Measure is one value that a script reports.
type Measure struct {
	Kind   load.MeasureKind // event, counter or gauge
	Name   string
	Value  float64 // of an event its time in milliseconds, of a counter what is added, of a gauge its value
	Failed bool    // an event that did not succeed
}

// Outcome tells how an invocation of a script ended. Whether its requests succeeded
// stands in their responses.
type Outcome struct {
	Failed   bool       // an exception ended the task or its check
	Internal bool       // the fault is the engine's own: the measurement cannot be trusted
	Check    CheckState // of check_<task>
	Class    string     // the exception's class
	Message  string     // its traceback, as Python prints it; at most 8 KiB
	// Exhausted is why the run must stop, if the script ran out of data, such as "users.csv: no more rows". By itself that is no
	// failure.
	Exhausted string
	// Last is the answer to the request that Failed and Check are about, if that is not the last one that the Client was asked for:
	// coroutines may send at the same time, and requests of a batch may be redirected. nil: it is.
	Last *Response
}

// CheckState says what became of a task's check.
type CheckState uint8

// The states of a check.
const (
	CheckNone   CheckState = iota // there is none, or nothing to call it with
	CheckPassed                   // it returned
	CheckFailed                   // it raised
)
