// Command target is a testkit.Target in a process of its own: it prints its URL and answers until it is told to stop.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/loadpilot/loadpilot/shared/demo"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func main() {
	var cfg testkit.TargetConfig
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	shop := flag.Bool("shop", false, "answer as the demo shop")
	flag.DurationVar(&cfg.Latency, "latency", 0, "how long an answer takes")
	flag.StringVar((*string)(&cfg.Spread), "spread", "", "what comes on top of it: lognormal, bimodal or onepercent")
	flag.IntVar(&cfg.Status, "status", 0, "status of the answers (default 200)")
	flag.IntVar(&cfg.CloseEvery, "close-every", 0, "close the connection of every n-th request unanswered")
	flag.DurationVar(&cfg.StallFrom, "stall-from", 0, "hold requests that arrive this long after the first")
	flag.DurationVar(&cfg.StallTo, "stall-to", 0, "until this long after the first")
	flag.Parse()
	if *shop {
		cfg.Handler = demo.New(demo.Config{})
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := testkit.NewTarget(cfg).ListenAndServe(ctx, *addr, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the deferred stop only restores signals
	}
}
