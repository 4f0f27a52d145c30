package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"
)

// healthTimeout is how long a service may take to say whether it is ready.
const healthTimeout = 3 * time.Second

// newHealthCommand serves health checks of containers, whose image has no other program to ask with.
func newHealthCommand(std streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "health",
		Short:   "Ask a service on this host whether it is ready",
		Long:    "Ask a service on this host whether it is ready: exit code 0 when it is, 4 when not, with what it says.",
		Example: "  loadpilot health --listen 127.0.0.1:9092",
		Args:    cobra.NoArgs,
	}
	addr := cmd.Flags().String("listen", defaultAPI, "`ADDR` that the service was told to listen on")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		host, port, err := net.SplitHostPort(*addr)
		if err != nil {
			return fmt.Errorf("--listen: %w", err)
		}
		if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
			host = "127.0.0.1"
		}
		return infra(askReady(cmd.Context(), "http://"+net.JoinHostPort(host, port)+"/readyz", std.out))
	}
	return cmd
}

// askReady prints what the service says, and fails unless it says that it is ready.
func askReady(ctx context.Context, url string, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(out, response.Body); err != nil {
		return fmt.Errorf("GET %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", url, response.Status)
	}
	return nil
}
