package apitest

import (
	"net/http"

	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// InProcess returns a target whose clients call a handler, concurrently and without a socket. Handlers may stream, and take the
// connection over. A panic is a failure of its request; a handler that does not return costs its request a time-out, and its goroutine
// is left behind, because Go cannot stop it.
func InProcess(h http.Handler) run.Target { return inprocess.New(h) }
