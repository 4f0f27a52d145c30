package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	loadpilot string
	rate      float64
	duration  time.Duration
	window    time.Duration
}

func (o options) validate() error {
	switch {
	case o.rate <= 0:
		return errors.New("the rate must be above 0")
	case o.window < time.Second || o.window%time.Second != 0 || o.duration%o.window != 0:
		return errors.New("a window is whole seconds, and the duration whole windows")
	case o.duration < leastWindows*o.window:
		return fmt.Errorf("there must be %d windows to compare", leastWindows)
	}
	return nil
}

func main() {
	var o options
	flag.StringVar(&o.loadpilot, "loadpilot", "./loadpilot", "the binary under test")
	flag.Float64Var(&o.rate, "rate", 5000, "iterations a second")
	flag.DurationVar(&o.duration, "duration", 10*time.Minute, "of the load")
	flag.DurationVar(&o.window, "window", time.Minute, "what a line of the table covers")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	r, err := soak(ctx, o, os.Stdout)
	stop()
	var problems []string
	if err == nil {
		if problems = r.problems(o); len(problems) > 0 {
			err = errors.New(strings.Join(problems, "\n      "))
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	fmt.Printf("soak: %d iterations, all accounted for; memory and lag are flat; trust: %s\n", r.result.Ledger.Planned, r.result.Trust.Level)
}
