package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/telemetry"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// streams are the standard streams of the process, or what a test puts in their place, and what remains to be done last.
type streams struct {
	in       io.Reader
	out, err io.Writer
	last     *farewell
}

// exitError ends the process with a code. Without an error nothing is left to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// ExitCode returns the code.
func (e *exitError) ExitCode() int { return e.code }

// coded is an error that ends the process with a code: an exitError, or one of the commands of package apitest.
type coded interface {
	error
	ExitCode() int
	Unwrap() error
}

// flagError is an error that came up while a part was started, and that a flag can repair.
type flagError struct {
	flag string
	err  error
}

func (e *flagError) Error() string { return "--" + e.flag + ": " + e.err.Error() }
func (e *flagError) Unwrap() error { return e.err }

// infra marks an error of the infrastructure: NATS, a gateway, a port that is taken. What turns out to be an invalid value
// stays that.
func infra(err error) error {
	if flag, ok := errors.AsType[*flagError](err); ok {
		err = flag // which part it stopped does not matter
	}
	var exit *exitError
	if err == nil || errors.As(err, &exit) || errors.Is(err, load.ErrInvalid) {
		return err
	}
	return &exitError{code: load.ExitInfra, err: err}
}

// codeOf returns the exit code for an error.
func codeOf(err error) int {
	if err == nil {
		return load.ExitPassed
	}
	if exit, ok := errors.AsType[coded](err); ok {
		return exit.ExitCode()
	}
	return load.ExitConfig
}

// textOf returns what is left to say about an error: nothing for nil and for a mere exit code.
func textOf(err error) error {
	if exit, ok := errors.AsType[coded](err); ok {
		return exit.Unwrap()
	}
	return err
}

// execute runs the command line and returns the exit code.
func execute(ctx context.Context, args []string, std streams) int {
	defer std.last.run()
	root := newRootCommand(std) //nolint:contextcheck // commands get theirs when they are executed
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if text := textOf(err); text != nil {
		_, _ = fmt.Fprintln(std.err, "Error:", terminal.Printable(telemetry.RedactURL(text.Error())))
	}
	return codeOf(err)
}

func newRootCommand(std streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "loadpilot",
		Short: "Distributed load tests whose results can be trusted",
		Long: "LoadPilot puts load on a service as a scenario file says, from one process or a fleet of them, and tells whether\n" +
			"the service held what was demanded, and how far the measurement can be trusted.\n\n" +
			"Every long flag can also be given as LOADPILOT_<FLAG> or in a configuration file (--config), in this order.",
		Example:       "  loadpilot run scenarios/checkout.py --demo\n  loadpilot run checkout.py --target https://staging.example.com --rps 200",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.SetIn(std.in)
	root.SetOut(std.out)
	root.SetErr(std.err)
	root.PersistentFlags().String("config", "", "configuration file (default loadpilot.yaml if there is one)")
	root.PersistentFlags().String("log-level", "", "debug, info, warn or error (default info for services, warn for run)")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return fillFlags(cmd) }
	root.AddCommand(
		newRunCommand(std), newCheckCommand(std), newExecCommand(std), newAPICommand(), newDemoCommand(std), newUpCommand(std),
		newControlCommand(std), newCompareCommand(std), newRecentCommand(std), newResultsCommand(std), newInitCommand(std),
		newGatewayCommand(std), newSchedulerCommand(std), newGeneratorCommand(std), newAggregatorCommand(std),
		newVerifyCommand(std), newSelftestCommand(std), newSelftestTargetCommand(std), newHealthCommand(std), newVersionCommand(std),
	)
	return root
}

// newLogger returns the logger of a command: to stderr, from its own level up unless --log-level says otherwise.
func newLogger(cmd *cobra.Command, std streams, level string) (*slog.Logger, error) {
	if given := cmd.Flag("log-level").Value.String(); given != "" {
		level = given
	}
	logger, err := telemetry.NewLogger(std.err, level)
	if err != nil {
		return nil, fmt.Errorf("--log-level: %w", err)
	}
	return logger, nil
}
