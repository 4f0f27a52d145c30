package apitest

import (
	"net/http"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest/internal/cli"
)

// NewCommand returns the command api-load-test, which a program adds to its own. h is what --in-process calls; it may be nil.
//
// Errors are returned, and printed by cobra unless the program's own command silences them. Exit with ExitCode of what Execute
// returns.
func NewCommand(h http.Handler, options ...Option) *cobra.Command {
	return cli.New(NewService(append([]Option{WithHandler(h)}, options...)...).config)
}

// ExitCode returns the exit code for what a command returned: 0 if all requests were completed, whatever the answers were; 1 if a
// condition of --fail-on was met; 2 if something is missing or wrong; 4 if something does not answer that must; 130 after an
// interrupt.
func ExitCode(err error) int { return cli.ExitCode(err) }
