package scenario

import (
	"bytes"
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

// response is what scripts see of an answer. A script may show it to other users.
type response struct {
	request *Request
	target  target
	history []runtime.Value
	kept    bool // nothing of it ends with the invocation

	mu       sync.Mutex // guards the body and header of answer, and what follows
	answer   Response
	fields   *headers // once asked for
	encoding string   // that the script wants the text read by; "" for that of the header
	expired  bool     // the invocation has ended
}

var responseClass = runtime.NewNativeClass("loadpilot", "ResponseWrapper", runtime.Members{
	"status_code":           getter("status_code", (*response).statusCode),
	"ok":                    getter("ok", (*response).ok),
	"is_informational":      statusGetter("is_informational", http.StatusContinue, http.StatusOK),
	"is_success":            statusGetter("is_success", http.StatusOK, http.StatusMultipleChoices),
	"is_redirect":           statusGetter("is_redirect", http.StatusMultipleChoices, http.StatusBadRequest),
	"is_client_error":       statusGetter("is_client_error", http.StatusBadRequest, http.StatusInternalServerError),
	"is_server_error":       statusGetter("is_server_error", http.StatusInternalServerError, 600),
	"is_error":              statusGetter("is_error", http.StatusBadRequest, 600),
	"has_redirect_location": getter("has_redirect_location", (*response).hasLocation),
	"reason_phrase":         getter("reason_phrase", (*response).reasonPhrase),
	"http_version":          getter("http_version", (*response).version),
	"elapsed":               getter("elapsed", (*response).elapsed),
	"elapsed_ms":            getter("elapsed_ms", (*response).elapsedMillis),
	"url":                   getter("url", (*response).url),
	"request":               getter("request", func(r *response, _ *runtime.Thread) (runtime.Value, error) { return r.asked(), nil }),
	"history":               getter("history", (*response).hops),
	"headers":               getter("headers", (*response).headers),
	"cookies":               getter("cookies", (*response).cookies),
	"content":               getter("content", (*response).content),
	"text":                  getter("text", (*response).text),
	"charset_encoding":      getter("charset_encoding", (*response).charsetEncoding),
	"encoding":              runtime.Attribute("encoding", withResponse((*response).encodingName), setEncoding),
	"is_closed":             getter("is_closed", always),
	"is_stream_consumed":    getter("is_stream_consumed", always),
	"json":                  method("json(self)", (*response).json),
	"raise_for_status":      method("raise_for_status(self)", (*response).raiseForStatus),
	"read":                  method("read(self)", (*response).content),
	"aread":                 method("aread(self)", inTime((*response).content)),
	"close":                 method("close(self)", nothing),
	"aclose":                method("aclose(self)", inTime(nothing)),
	"iter_bytes":            runtime.NewNative("iter_bytes(self, chunk_size=None)", iterBytes),
	"iter_raw":              runtime.NewNative("iter_raw(self, chunk_size=None)", iterBytes),
	"iter_text":             runtime.NewNative("iter_text(self, chunk_size=None)", iterText),
	"iter_lines":            method("iter_lines(self)", (*response).lines),
	"__enter__":             method("__enter__(self)", (*response).self),
	"__exit__":              runtime.NewNative("__exit__(self, kind, error, trace)", leave),
	"__aenter__":            method("__aenter__(self)", (*response).self),
	"__aexit__": runtime.NewNative("__aexit__(self, kind, error, trace)", func(*runtime.Thread, runtime.Args) (runtime.Value, error) {
		return &present{runtime.None}, nil
	}),
})

// Class implements runtime.Value.
func (*response) Class() *runtime.Class { return responseClass }

// Repr is how scripts print a response.
func (r *response) Repr(*runtime.Thread) (string, error) {
	return fmt.Sprintf("<Response [%d %s]>", r.answer.Status, r.reason()), nil
}

func withResponse(get func(*response, *runtime.Thread) (runtime.Value, error)) func(*runtime.Thread, runtime.Value) (runtime.Value, error) {
	return func(th *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return get(self.(*response), th) //nolint:forcetypeassert // the engine checks self
	}
}

func getter(name string, get func(*response, *runtime.Thread) (runtime.Value, error)) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: withResponse(get)}
}

// statusGetter tells whether the status is at least from and below to.
func statusGetter(name string, from, to int) *runtime.Getter {
	return getter(name, func(r *response, _ *runtime.Thread) (runtime.Value, error) {
		return runtime.NewBool(r.answer.Status >= from && r.answer.Status < to), nil
	})
}

func method(signature string, call func(*response, *runtime.Thread) (runtime.Value, error)) *runtime.Native {
	return runtime.NewNative(signature, func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return call(a.Vals[0].(*response), th) //nolint:forcetypeassert // the engine checks self
	})
}

func (r *response) self(*runtime.Thread) (runtime.Value, error) { return r, nil }

func always(*response, *runtime.Thread) (runtime.Value, error) { return runtime.True, nil }

func nothing(*response, *runtime.Thread) (runtime.Value, error) { return runtime.None, nil }

// leave ends a with statement: there is nothing to close, and no exception is swallowed.
func leave(*runtime.Thread, runtime.Args) (runtime.Value, error) { return runtime.None, nil }

// present is a value to be awaited that is there already.
type present struct{ value runtime.Value }

var presentClass = runtime.NewNativeClass("loadpilot", "Present", nil)

// Class implements runtime.Value.
func (*present) Class() *runtime.Class { return presentClass }

// Await implements runtime.Awaitable.
func (p *present) Await(*runtime.Thread) (runtime.Value, error) { return p.value, nil }

// inTime gives what a method gives to be awaited.
func inTime(call func(*response, *runtime.Thread) (runtime.Value, error)) func(*response, *runtime.Thread) (runtime.Value, error) {
	return func(r *response, th *runtime.Thread) (runtime.Value, error) {
		v, err := call(r, th)
		return &present{v}, err
	}
}

// keep makes the response independent of the buffers that hold it.
func (r *response) keep() {
	r.answer.Body = bytes.Clone(r.answer.Body)
	r.fields = collectHeaders(r.answer.Header)
	r.answer.Header = nil
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

// hasLocation reports whether the response says where to ask instead.
func (r *response) hasLocation(th *runtime.Thread) (runtime.Value, error) {
	if !isRedirect(r.answer.Status) {
		return runtime.False, nil
	}
	h, err := r.header(th)
	if err != nil {
		return nil, err
	}
	_, ok := h.get("Location")
	return runtime.NewBool(ok), nil
}

// version is that of the protocol that the answer came by.
func (r *response) version(*runtime.Thread) (runtime.Value, error) {
	return runtime.Str(cmp.Or(r.answer.Version, "HTTP/1.1")), nil
}

// reason is the text beside the status.
func (r *response) reason() string { return cmp.Or(r.answer.Reason, http.StatusText(r.answer.Status)) }

func (r *response) reasonPhrase(*runtime.Thread) (runtime.Value, error) {
	return runtime.Str(r.reason()), nil
}

func (r *response) elapsed(*runtime.Thread) (runtime.Value, error) {
	return stdlib.NewTimedelta(r.answer.Elapsed), nil
}

func (r *response) elapsedMillis(*runtime.Thread) (runtime.Value, error) {
	return runtime.Float(r.answer.Elapsed.Seconds() * 1000), nil
}

func (r *response) url(*runtime.Thread) (runtime.Value, error) {
	return newURL(r.target.absolute(r.request.URL)), nil
}

// asked is the request that this is the answer to.
func (r *response) asked() *request { return &request{asked: r.request, target: r.target} }

// hops are the responses that redirected to this one.
func (r *response) hops(*runtime.Thread) (runtime.Value, error) {
	return runtime.NewList(slices.Clone(r.history)...), nil
}

func (r *response) headers(th *runtime.Thread) (runtime.Value, error) {
	h, err := r.header(th)
	if err != nil {
		return nil, err
	}
	return h, nil
}

// header collects the header fields when they are first asked for.
func (r *response) header(th *runtime.Thread) (*headers, error) {
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

// cookies are those that this response sets.
func (r *response) cookies(th *runtime.Thread) (runtime.Value, error) {
	h, err := r.header(th)
	if err != nil {
		return nil, err
	}
	j := &cookies{}
	at, err := r.target.parse(r.request.URL)
	if err != nil {
		return j, nil //nolint:nilerr // a URL that could not be read sets no cookies
	}
	for _, f := range h.all() {
		if equalFold(f.Name, "Set-Cookie") {
			j.take(at, f.Value)
		}
	}
	return j, nil
}

// raiseForStatus raises unless the status says that the request succeeded.
func (r *response) raiseForStatus(th *runtime.Thread) (runtime.Value, error) {
	if r.answer.Err != nil {
		return nil, r.failure(th)
	}
	status := r.answer.Status
	kind := "Invalid status code"
	switch status / 100 {
	case 1:
		kind = "Informational response"
	case 2:
		return r, nil
	case 3:
		kind = "Redirect response"
	case 4:
		kind = "Client error"
	case 5:
		kind = "Server error"
	}
	text := fmt.Sprintf("%s '%d %s' for url '%s'", kind, status, r.reason(), newURL(r.target.absolute(r.request.URL)).text)
	if isRedirect(status) {
		h, err := r.header(th)
		if err != nil {
			return nil, err
		}
		if location, ok := h.get("Location"); ok {
			text += "\nRedirect location: '" + location + "'"
		}
	}
	text += fmt.Sprintf("\nFor more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/%d", status)
	e := runtime.NewException(statusFailure, runtime.Str(text))
	if err := runtime.SetAttr(th, e, requestKey, r.asked()); err != nil {
		return nil, err
	}
	if err := runtime.SetAttr(th, e, responseKey, r); err != nil {
		return nil, err
	}
	return nil, e
}
