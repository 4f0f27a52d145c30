package scenario

import (
	"errors"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The exceptions of httpx.
var (
	httpError        = newHTTPX("HTTPError", runtime.ExceptionClass)
	statusFailure    = newHTTPX("HTTPStatusError", httpError, responseKey)
	requestError     = newHTTPX("RequestError", httpError)
	transport        = newHTTPX("TransportError", requestError)
	timeoutError     = newHTTPX("TimeoutException", transport)
	connectTimeout   = newHTTPX("ConnectTimeout", timeoutError)
	readTimeout      = newHTTPX("ReadTimeout", timeoutError)
	writeTimeout     = newHTTPX("WriteTimeout", timeoutError)
	poolTimeout      = newHTTPX("PoolTimeout", timeoutError)
	networkError     = newHTTPX("NetworkError", transport)
	connectError     = newHTTPX("ConnectError", networkError)
	readError        = newHTTPX("ReadError", networkError)
	writeError       = newHTTPX("WriteError", networkError)
	closeError       = newHTTPX("CloseError", networkError)
	protocolError    = newHTTPX("ProtocolError", transport)
	localProtocol    = newHTTPX("LocalProtocolError", protocolError)
	remoteProtocol   = newHTTPX("RemoteProtocolError", protocolError)
	unsupported      = newHTTPX("UnsupportedProtocol", transport)
	proxyError       = newHTTPX("ProxyError", transport)
	decodingError    = newHTTPX("DecodingError", requestError)
	tooManyRedirects = newHTTPX("TooManyRedirects", requestError)
	invalidURL       = runtime.NewExceptionClass("httpx", "InvalidURL", runtime.ExceptionClass)
	cookieConflict   = runtime.NewExceptionClass("httpx", "CookieConflict", runtime.ExceptionClass)
	streamError      = runtime.NewExceptionClass("httpx", "StreamError", runtime.RuntimeError)
	streamConsumed   = runtime.NewExceptionClass("httpx", "StreamConsumed", streamError)
	streamClosed     = runtime.NewExceptionClass("httpx", "StreamClosed", streamError)
	responseNotRead  = runtime.NewExceptionClass("httpx", "ResponseNotRead", streamError)
	requestNotRead   = runtime.NewExceptionClass("httpx", "RequestNotRead", streamError)
)

// httpxErrors are those that scripts can name.
var httpxErrors = []*runtime.Class{
	httpError, statusFailure, requestError, transport, timeoutError, connectTimeout, readTimeout, writeTimeout, poolTimeout,
	networkError, connectError, readError, writeError, closeError, protocolError, localProtocol, remoteProtocol, unsupported,
	proxyError, decodingError, tooManyRedirects, invalidURL, cookieConflict, streamError, streamConsumed, streamClosed,
	responseNotRead, requestNotRead,
}

// requestKey and responseKey are where an exception keeps its request and response.
const (
	requestKey  = "_request"
	responseKey = "response"
)

// newHTTPX makes an exception class whose instances have a request, and the attributes named.
func newHTTPX(name string, base *runtime.Class, attributes ...string) *runtime.Class {
	var class *runtime.Class
	construct := func(th *runtime.Thread, cls *runtime.Class, a runtime.Args) (runtime.Value, error) {
		e := runtime.NewException(cls, append([]runtime.Value(nil), a.Pos()...)...)
		if cls == class { // a class of the script has an __init__ to call
			return e, initHTTPX(th, e, a)
		}
		return e, nil
	}
	members := runtime.Members{
		"__init__": runtime.NewRaw("__init__", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
			e, ok := a.Vals[0].(*runtime.Exception)
			if !ok {
				return runtime.None, nil
			}
			if err := runtime.SetAttr(th, e, "args", runtime.NewTuple(append([]runtime.Value(nil), a.Pos()[1:]...)...)); err != nil {
				return nil, err
			}
			return runtime.None, initHTTPX(th, e, a)
		}),
		"request": runtime.Attribute("request", func(th *runtime.Thread, self runtime.Value) (runtime.Value, error) {
			if req, err := runtime.Find(th, self, requestKey); err != nil || given(req) {
				return req, err
			}
			return nil, runtime.Errorf(runtime.RuntimeError, "The .request property has not been set.")
		}, func(th *runtime.Thread, self, v runtime.Value) error { return runtime.SetAttr(th, self, requestKey, v) }),
	}
	for _, attribute := range attributes {
		members[attribute] = runtime.None
	}
	class = runtime.NewType("httpx", name, base, construct, members)
	return class
}

// initHTTPX takes the keyword arguments of an exception.
func initHTTPX(th *runtime.Thread, e *runtime.Exception, a runtime.Args) error {
	for i, name := range a.Names {
		v := a.Vals[a.NPos()+i]
		var err error
		switch {
		case name == "request":
			err = runtime.SetAttr(th, e, requestKey, v)
		case name == responseKey && e.Class().Lookup(name) != nil:
			err = runtime.SetAttr(th, e, name, v)
		default:
			err = runtime.Errorf(runtime.TypeError, "%s.__init__() got an unexpected keyword argument '%s'", e.Class().Name, name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// failure is the exception for a response that never came.
func (r *response) failure(th *runtime.Thread) error {
	if r.answer.Class == load.ErrorCancelled && th.Context().Err() != nil {
		return th.Cancelled()
	}
	e := transportError(&r.answer)
	if err := runtime.SetAttr(th, e, requestKey, r.asked()); err != nil {
		return err
	}
	return e
}

// transportError is the exception for a request that failed.
func transportError(answer *Response) *runtime.Exception {
	if known, ok := errors.AsType[*runtime.Exception](answer.Err); ok {
		return runtime.NewException(known.Class(), known.Args...)
	}
	raised := transport
	switch answer.Class {
	case load.ErrorTimeout:
		raised = []*runtime.Class{StageReceive: readTimeout, StageConnect: connectTimeout, StageSend: writeTimeout}[answer.Stage]
	case load.ErrorConnect, load.ErrorDNS, load.ErrorTLS:
		raised = connectError
	case load.ErrorClosed:
		raised = []*runtime.Class{StageReceive: readError, StageConnect: connectError, StageSend: writeError}[answer.Stage]
	case load.ErrorProxy:
		raised = proxyError
	case load.ErrorProtocol:
		raised = remoteProtocol
	case load.ErrorRequest:
		raised = localProtocol
	}
	return runtime.Errorf(raised, "%s", answer.Err.Error()).WithCause(answer.Err)
}
