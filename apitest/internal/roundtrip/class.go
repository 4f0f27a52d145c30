package roundtrip

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Error is a failure whose class is known to whoever found it.
type Error struct {
	Class string // load.Error… or run.Error…
	Err   error
}

// Error implements error.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Class names what went wrong between a client and its peer.
func Class(err error) string {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	var timeout interface{ Timeout() bool }
	op := ""
	if e, ok := errors.AsType[*net.OpError](err); ok {
		op = e.Op
	}
	switch {
	case errors.Is(err, errRedirects):
		return run.ErrorRedirect
	case is[*net.DNSError](err):
		return load.ErrorDNS
	case op == "remote error", op == "local error", isTLS(err):
		return load.ErrorTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return load.ErrorTimeout
	case op == "dial":
		return load.ErrorConnect
	case op == "read", op == "write", isClosed(err):
		return load.ErrorClosed
	case isParse(err):
		return load.ErrorRequest
	default:
		return load.ErrorProtocol
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isTLS(err error) bool {
	return is[*tls.CertificateVerificationError](err) || is[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch)
}

func isClosed(err error) bool {
	for _, closed := range []error{io.EOF, io.ErrUnexpectedEOF, io.ErrClosedPipe, net.ErrClosed} {
		if errors.Is(err, closed) {
			return true
		}
	}
	// net/http does not export the error of a server that hangs up before anything was sent.
	return strings.Contains(err.Error(), "server closed idle connection")
}

func isParse(err error) bool {
	e, ok := errors.AsType[*url.Error](err)
	return ok && e.Op == "parse"
}

// withoutURL returns what net/http puts a URL before: that may hold secrets, and says nothing that is not known.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
