package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// fromInput is the file name that stands for standard input.
const fromInput = "-"

func newExecCommand(std streams) *cobra.Command {
	var env envFlags
	cmd := &cobra.Command{
		Use:   "exec FILE",
		Short: "Run a plain Python script in the sandbox of scenarios",
		Long: "Run a script in the language of scenario files, with the same modules and limits, and print what it prints. It has no\n" +
			"client and no scenarios. What nobody caught is printed to standard error as CPython prints it.\n\n" +
			"Exit codes: 0 the script ended, 1 an exception was not caught, 2 the script cannot be read or compiled, 130 interrupted.\n" +
			"SystemExit ends with its own code.",
		Example: "  loadpilot exec sketch.py\n" +
			"  loadpilot exec sketch.py --env REGION=eu\n" +
			"  echo 'import random; print(random.sample(range(49), 6))' | loadpilot exec -",
		Args:              oneFile,
		ValidArgsFunction: pythonFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			environ, err := env.read()
			if err != nil {
				return err
			}
			return execScript(cmd.Context(), std, args[0], environ)
		},
	}
	env.register(cmd.Flags())
	return cmd
}

// oneFile is the argument of a command that takes one file.
func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s takes one file, not %d arguments", cmd.Name(), len(args))
	}
	return nil
}

// pythonFiles completes the argument of a command that takes one file.
func pythonFiles(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return []string{"py"}, cobra.ShellCompDirectiveFilterFileExt
}

// readScript reads a script and returns it with the name by which tracebacks call it.
func readScript(std streams, file string) (name, source string, err error) {
	if file == fromInput {
		source, err = readSource("standard input", std.in)
		return "<stdin>", source, err
	}
	if source, err = openSource(file); err != nil {
		return "", "", err
	}
	name, err = filepath.Abs(file) // as CPython has it
	return name, source, err
}

func execScript(ctx context.Context, std streams, file string, environ map[string]string) error {
	name, source, err := readScript(std, file)
	if err != nil {
		return err
	}
	program, err := python.Compile(name, []byte(source), python.Config{Environ: environ, Advice: map[string]string{
		"import loadpilot": "only scenario files have it; see loadpilot run and loadpilot check",
		"import httpx":     "only scenario files have it; see loadpilot run and loadpilot check",
	}})
	if err != nil {
		if _, refused := errors.AsType[*syntax.Error](err); refused {
			return report(std.err, load.ExitConfig, err.Error()+"\n")
		}
		return err
	}
	th := runtime.NewThread(runtime.Limits{})
	th.Out, th.Err = std.out, std.err
	_, err = program.Load(ctx, th)
	raised, ok := errors.AsType[*runtime.Exception](err)
	switch {
	case ctx.Err() != nil:
		return &exitError{code: load.ExitInterrupted}
	case !ok:
		return err
	case raised.IsA(runtime.SystemExit):
		return systemExit(std.err, raised)
	}
	return report(std.err, load.ExitBreached, raised.Traceback())
}

// systemExit ends the process as a script asked for, which may have put a number or a text into its exception.
func systemExit(errOut io.Writer, raised *runtime.Exception) error {
	if len(raised.Args) == 0 || raised.Args[0] == runtime.None {
		return nil
	}
	if code, ok := runtime.AsInt(raised.Args[0]); ok {
		return &exitError{code: int(code & 0xff)}
	}
	return report(errOut, load.ExitBreached, raised.Message()+"\n")
}

// report writes a text and ends with a code.
func report(errOut io.Writer, code int, text string) error {
	if _, err := io.WriteString(errOut, text); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return &exitError{code: code}
}
