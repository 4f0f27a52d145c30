// Command example is a small web service that has its API load test built in, as any program can that embeds package apitest:
//
//	example api-load-test list
//	example api-load-test run /health/ --requests 500 --clients 10 --in-process
//
// `example serve` serves it, and `example auth login USER --print-token` prints a token.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest"
	"github.com/loadpilot/loadpilot/apitest/grpctarget"
)

// defaultAddr is where the service listens, unless flags or EXAMPLE_URL say otherwise.
const defaultAddr = "127.0.0.1:8000"

func main() { os.Exit(execute()) }

func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // whoever is in a hurry interrupts again, which kills
	return apitest.ExitCode(newCommand(os.Getenv).ExecuteContext(ctx))
}

// newCommand returns the program.
func newCommand(getenv func(string) string) *cobra.Command {
	a := newApp(getenv("EXAMPLE_PASSWORD"))
	routes := a.routes()
	target := getenv("EXAMPLE_URL")
	if target == "" {
		target = "http://" + defaultAddr
	}
	root := &cobra.Command{Use: "example", Short: "A web service with its API load test built in", SilenceUsage: true}
	root.AddCommand(newServeCommand(routes), newAuthCommand(a.tokens), apitest.NewCommand(
		routes,
		apitest.WithRoutes(routes),
		apitest.WithTarget(target),
		apitest.WithLogin(login),
		apitest.WithOpener(grpctarget.Opener()),
		apitest.WithRedis(getenv("EXAMPLE_REDIS_URL")),
		apitest.WithStateDir(stateDir(getenv)),
		apitest.WithGetenv(getenv),
		apitest.WithVersion("example", "1.0"),
	))
	return root
}

// login is how the service logs users in.
var login = apitest.Login{
	URL:         "/api/v1/auth/login",
	Body:        `{"username": "{{user}}", "password": "{{password}}"}`,
	Token:       "access_token",
	PasswordEnv: "EXAMPLE_PASSWORD",
}
