package main

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest"
	"github.com/loadpilot/loadpilot/apitest/grpctarget"
)

// newAPICommand returns the API load test, which any Go program can have as a command of its own.
func newAPICommand() *cobra.Command {
	options := []apitest.Option{
		apitest.WithName("api", "api-load-test"), apitest.WithGetenv(os.Getenv), apitest.WithOpener(grpctarget.Opener()),
		apitest.WithVersion("loadpilot", version),
	}
	if dir, err := stateDir(); err == nil { // without one the command says what it lacks when it keeps a result
		options = append(options, apitest.WithStateDir(filepath.Join(dir, "api-results")))
	}
	return apitest.NewCommand(nil, options...)
}
