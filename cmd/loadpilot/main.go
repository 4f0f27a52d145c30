package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// echo is how long the same Ctrl-C may arrive again: from the terminal, and from a wrapper such as timeout.
const echo = 200 * time.Millisecond

// version is set when a release is built.
var version = "dev"

func main() {
	tuneMemory(os.Getenv)
	tuneThreads(os.Getenv)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup asks to outlive the terminal
		signal.Notify(signals, syscall.SIGHUP)
	}
	last := &farewell{}
	go func() {
		<-signals
		cancel() // the first one asks for an orderly end
		time.Sleep(echo)
		for len(signals) > 0 {
			<-signals
		}
		<-signals
		last.run() // the second one does not wait for it
		os.Exit(load.ExitInterrupted)
	}()
	os.Exit(execute(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, last: last}))
}
