package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
)

func newServeCommand(handler http.Handler) *cobra.Command {
	cmd := &cobra.Command{Use: "serve", Short: "Serve the API", Args: cobra.NoArgs}
	listen := cmd.Flags().String("listen", defaultAddr, "`ADDR` of the API")
	listenGRPC := cmd.Flags().String("listen-grpc", "", "`ADDR` of the gRPC health service (default: it is not served)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ctx := cmd.Context()
		listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *listen)
		if err != nil {
			return err
		}
		where := "listening on http://" + listener.Addr().String()
		if *listenGRPC != "" {
			listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *listenGRPC)
			if err != nil {
				return err
			}
			server := newGRPCServer()
			defer server.Stop()
			go func() { _ = server.Serve(listener) }() // it ends with Stop
			where += " and grpc://" + listener.Addr().String()
		}
		_, _ = fmt.Fprintln(cmd.OutOrStdout(), where)
		return serve(ctx, listener, handler)
	}
	return cmd
}

// serve answers requests until ctx ends, which streams end with; other answers under way then have a second to finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	return server.Shutdown(within)
}

// newGRPCServer returns a server of the standard health service, which tells what it has by reflection.
func newGRPCServer() *grpc.Server {
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	reflection.Register(server)
	return server
}

var errNoPassword = errors.New("EXAMPLE_PASSWORD is not set")

func newAuthCommand(t tokens) *cobra.Command {
	auth := &cobra.Command{Use: "auth", Short: "Log users in"}
	cmd := &cobra.Command{
		Use:   "login USER",
		Short: "Log a user in with the password in EXAMPLE_PASSWORD",
		Args:  cobra.ExactArgs(1),
	}
	printToken := cmd.Flags().Bool("print-token", false, "print the token and nothing else")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		text := "Logged in as " + args[0]
		if t.password == "" {
			return errNoPassword
		}
		if *printToken {
			text = t.issue(args[0])
		}
		_, err := fmt.Fprintln(cmd.OutOrStdout(), text)
		return err
	}
	auth.AddCommand(cmd)
	return auth
}

// stateDir returns where results are kept; "": in the folder that apitest chooses.
func stateDir(getenv func(string) string) string {
	base := getenv("XDG_STATE_HOME")
	if base == "" {
		return ""
	}
	return filepath.Join(base, "example", "api-results")
}
