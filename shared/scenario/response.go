package scenario

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// response is what scripts see of an answer. A script may show it to other users.
type response struct {
	request *Request
	kept    bool // nothing of it ends with the invocation

	mu      sync.Mutex // guards the body and header of answer, and what follows
	answer  Response
	fields  *headers // once asked for; not changed any more
	expired bool     // the invocation has ended
}

var responseClass = runtime.NewNativeClass("loadpilot", "ResponseWrapper", runtime.Members{
	"status_code":      getter("status_code", (*response).statusCode),
	"ok":               getter("ok", (*response).ok),
	"elapsed_ms":       getter("elapsed_ms", (*response).elapsed),
	"text":             getter("text", (*response).text),
	"content":          getter("content", (*response).content),
	"headers":          getter("headers", (*response).headers),
	"json":             method("json(self)", (*response).json),
	"raise_for_status": method("raise_for_status(self)", (*response).raiseForStatus),
})

// Class implements runtime.Value.
func (*response) Class() *runtime.Class { return responseClass }

// Repr is how scripts print a response.
func (r *response) Repr(*runtime.Thread) (string, error) {
	return fmt.Sprintf("<Response [%d %s]>", r.answer.Status, http.StatusText(r.answer.Status)), nil
}

func getter(name string, get func(*response, *runtime.Thread) (runtime.Value, error)) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(th *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return get(self.(*response), th) //nolint:forcetypeassert // the engine checks self
	}}
}

func method(signature string, call func(*response, *runtime.Thread) (runtime.Value, error)) *runtime.Native {
	return runtime.NewNative(signature, func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return call(a.Vals[0].(*response), th) //nolint:forcetypeassert // the engine checks self
	})
}

// keep makes the response independent of the buffers that hold it.
func (r *response) keep() {
	r.answer.Body = bytes.Clone(r.answer.Body)
	r.fields = collectHeaders(r.answer.Header)
	r.kept = true
}

// expire drops what is valid only within the invocation.
func (r *response) expire() {
	if !r.kept {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answer.Body, r.answer.Header, r.expired = nil, nil, true
	}
}

// usable fails when there is no answer, or no longer. The caller holds the lock until it
// has read the body: an invocation that ends meanwhile gives its buffer back.
func (r *response) usable(th *runtime.Thread) error {
	switch {
	case r.answer.Err != nil:
		return r.failure(th)
	case r.expired:
		return runtime.Errorf(runtime.RuntimeError, "a response of a task can be read only until the task ends; keep what you need of it")
	}
	return nil
}

func (r *response) statusCode(*runtime.Thread) (runtime.Value, error) {
	return runtime.NewInt(int64(r.answer.Status)), nil
}

func (r *response) ok(*runtime.Thread) (runtime.Value, error) {
	return runtime.NewBool(r.answer.Err == nil && r.answer.Status < http.StatusBadRequest), nil
}

func (r *response) elapsed(*runtime.Thread) (runtime.Value, error) {
	return runtime.Float(r.answer.Elapsed.Seconds() * 1000), nil
}

func (r *response) text(th *runtime.Thread) (runtime.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.usable(th); err != nil {
		return nil, err
	}
	if err := th.Alloc(len(r.answer.Body)); err != nil {
		return nil, err
	}
	return textOf(r.answer.Body), nil
}

// textOf is a body as text; what is not UTF-8 is replaced, as httpx does.
func textOf(body []byte) runtime.Value {
	return runtime.Str(bytes.ToValidUTF8(body, []byte("\ufffd")))
}

func (r *response) content(th *runtime.Thread) (runtime.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.usable(th); err != nil {
		return nil, err
	}
	return runtime.Bytes(r.answer.Body), th.Alloc(len(r.answer.Body))
}

func (r *response) headers(th *runtime.Thread) (runtime.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fields == nil {
		if err := r.usable(th); err != nil {
			return nil, err
		}
		r.fields = collectHeaders(r.answer.Header)
	}
	return r.fields, nil
}

func (r *response) json(th *runtime.Thread) (runtime.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.usable(th); err != nil {
		return nil, err
	}
	return runtime.ParseJSON(th, r.answer.Body)
}

// raiseForStatus raises for a status that says the request failed.
func (r *response) raiseForStatus(th *runtime.Thread) (runtime.Value, error) {
	if r.answer.Err != nil {
		return nil, r.failure(th)
	}
	status := r.answer.Status
	if status < http.StatusBadRequest {
		return r, nil
	}
	kind := "Client error"
	if status >= http.StatusInternalServerError {
		kind = "Server error"
	}
	return nil, runtime.Errorf(statusFailure, "%s '%d %s' for url '%s'", kind, status, http.StatusText(status), r.request.URL)
}
