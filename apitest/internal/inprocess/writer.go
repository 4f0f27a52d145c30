package inprocess

import (
	"context"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// writer is the http.ResponseWriter of a call. It counts.
type writer struct {
	ctx    *callContext
	head   bool // the request is a HEAD
	header http.Header
	status int   // 0: not said yet
	length int64 // the announced one, −1 if there is none
	sent   int64
	kept   []byte       // beginning of what is said of an error
	asked  time.Time    // instant at which the client did
	unsaid bool         // as Call.Unsaid
	stream atomic.Bool  // the answer is one
	first  atomic.Int64 // nanoseconds from then to the first byte; 0: none came. A client that waits no longer reads it, too
}

// Header implements http.ResponseWriter.
func (w *writer) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

// WriteHeader implements http.ResponseWriter.
func (w *writer) WriteHeader(status int) {
	checkStatus(status)
	if status >= http.StatusOK || status == http.StatusSwitchingProtocols { // others are only interim
		w.begin(status)
	}
}

// checkStatus panics as net/http does.
func checkStatus(status int) {
	if status < 100 || status > 999 {
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	}
}

// begin takes the status, unless there is one.
func (w *writer) begin(status int) {
	if w.status == 0 {
		w.status, w.length = status, announced(w.header)
		if w.unsaid && w.length < 0 && isStream(status, w.header) {
			w.stream.Store(true)
			w.ctx.cancel(context.Canceled) // as net/http says when the client has gone
		}
	}
}

func isStream(status int, h http.Header) bool {
	if status < http.StatusOK || status >= http.StatusMultipleChoices {
		return false
	}
	media, _, _ := mime.ParseMediaType(h.Get("Content-Type")) // what it cannot parse is none
	return run.IsStream(media)
}

// announced is the Content-Length of a header, −1 if it has none.
func announced(h http.Header) int64 {
	if n, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		return n
	}
	return -1
}

func (w *writer) hasBody() bool { return hasBody(w.status) }

// hasBody reports whether responses of a status have a body.
func hasBody(status int) bool {
	return status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	n, err := w.admit(len(p))
	w.kept = append(w.kept, p[:w.room(n)]...)
	return n, err
}

// WriteString implements io.StringWriter.
func (w *writer) WriteString(s string) (int, error) {
	n, err := w.admit(len(s))
	w.kept = append(w.kept, s[:w.room(n)]...)
	return n, err
}

// room is how many of n more bytes are kept.
func (w *writer) room(n int) int {
	if w.status < http.StatusBadRequest || w.head {
		return 0
	}
	return min(n, run.MaxSampleBody-len(w.kept))
}

// admit counts n bytes, if they can be sent.
func (w *writer) admit(n int) (int, error) {
	w.begin(http.StatusOK)
	switch err := w.ctx.Err(); {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, nil
	case !w.hasBody():
		return 0, http.ErrBodyNotAllowed
	case w.length >= 0 && w.sent+int64(n) > w.length:
		return 0, http.ErrContentLength
	case w.head:
		return n, nil
	}
	w.Flush()
	w.sent += int64(n)
	return n, nil
}

// Flush implements http.Flusher.
func (w *writer) Flush() {
	w.begin(http.StatusOK)
	if w.first.Load() == 0 {
		w.answer(time.Now())
	}
}

// answer notes when the first byte is sent.
func (w *writer) answer(now time.Time) { w.first.CompareAndSwap(0, int64(now.Sub(w.asked))) }

// Deadlines of a connection mean nothing here: nobody waits.

// SetReadDeadline is for http.ResponseController.
func (w *writer) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is for http.ResponseController.
func (w *writer) SetWriteDeadline(time.Time) error { return nil }

// EnableFullDuplex is for http.ResponseController.
func (w *writer) EnableFullDuplex() error { return nil }
