package scenario

import (
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

// The exceptions of httpx, as far as requests here can fail.
var (
	httpError       = newHTTPX("HTTPError", runtime.ExceptionClass)
	statusFailure   = newHTTPX("HTTPStatusError", httpError)
	requestError    = newHTTPX("RequestError", httpError)
	transport       = newHTTPX("TransportError", requestError)
	timeoutError    = newHTTPX("TimeoutException", transport)
	connectTimeout  = newHTTPX("ConnectTimeout", timeoutError)
	readTimeout     = newHTTPX("ReadTimeout", timeoutError)
	writeTimeout    = newHTTPX("WriteTimeout", timeoutError)
	poolTimeout     = newHTTPX("PoolTimeout", timeoutError)
	networkError    = newHTTPX("NetworkError", transport)
	connectError    = newHTTPX("ConnectError", networkError)
	readError       = newHTTPX("ReadError", networkError)
	writeError      = newHTTPX("WriteError", networkError)
	closeError      = newHTTPX("CloseError", networkError)
	protocolError   = newHTTPX("ProtocolError", transport)
	localProtocol   = newHTTPX("LocalProtocolError", protocolError)
	remoteProtocol  = newHTTPX("RemoteProtocolError", protocolError)
	unsupported     = newHTTPX("UnsupportedProtocol", transport)
	proxyError      = newHTTPX("ProxyError", transport)
	invalidURL      = newHTTPX("InvalidURL", runtime.ExceptionClass)
	decodingError   = newHTTPX("DecodingError", requestError)
	tooManyRedirect = newHTTPX("TooManyRedirects", requestError)
)

func newHTTPX(name string, base *runtime.Class) *runtime.Class {
	return runtime.NewExceptionClass("httpx", name, base)
}

// httpxModule is what `import httpx` gives: its exceptions, for scripts that catch them.
func httpxModule(stdlib.Host) *runtime.Module {
	members := runtime.Members{}
	for _, c := range []*runtime.Class{
		httpError, statusFailure, requestError, transport, timeoutError, connectTimeout, readTimeout, writeTimeout, poolTimeout,
		networkError, connectError, readError, writeError, closeError, protocolError, localProtocol, remoteProtocol,
		unsupported, proxyError, invalidURL, decodingError, tooManyRedirect,
	} {
		members[c.Name] = c
	}
	return runtime.NewModule("httpx", members)
}

// transportError is the exception for a request that failed in a way, for a reason.
func transportError(class string, reason error) error {
	raised := transport
	switch class {
	case load.ErrorTimeout:
		raised = readTimeout
	case load.ErrorConnect, load.ErrorDNS, load.ErrorTLS:
		raised = connectError
	case load.ErrorClosed:
		raised = readError
	case load.ErrorProtocol:
		raised = remoteProtocol
	case load.ErrorRequest:
		raised = localProtocol
	}
	return runtime.Errorf(raised, "%s", reason.Error()).WithCause(reason)
}
