package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// checkOptions are the flags of check.
type checkOptions struct {
	scenario, target, task string
	env                    envFlags
	jsonOnly, trace        bool
	transport              transportFlags
}

func newCheckCommand(std streams) *cobra.Command {
	o := &checkOptions{}
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Say what a scenario file declares, and what is wrong with it",
		Long: "Compile a scenario file, list its scenarios, tasks, checks and data, and look for mistakes: unknown names and\n" +
			"attributes, arguments that do not fit, checks that never run. No request is sent, unless --trace runs one user once.\n\n" +
			"Exit codes: 0 nothing is sure to fail, 2 something is, or the file cannot be compiled. With --trace also: 1 a request,\n" +
			"task or check failed, 4 the target cannot be reached, 130 interrupted.",
		Example: "  loadpilot check scenarios/checkout.py\n" +
			"  loadpilot check checkout.py --json --env REGION=eu\n" +
			"  loadpilot check checkout.py --target https://staging.example.com --trace --task browse",
		Args:              oneFile,
		ValidArgsFunction: pythonFiles,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.validate(); err != nil {
				return err
			}
			environ, err := o.env.read()
			if err != nil {
				return err
			}
			script, err := openScript(args[0], environ)
			if err != nil {
				return err
			}
			if o.trace {
				transport, err := o.transport.read(cmd.Flags())
				if err != nil {
					return err
				}
				return traceScript(cmd.Context(), std, o, transport, script)
			}
			return checkScript(cmd, std, o, script)
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.scenario, "scenario", "s", "", "`NAME` of the scenario to show or trace, if the file has several")
	o.env.register(f)
	f.BoolVar(&o.jsonOnly, "json", false, "print everything as JSON")
	f.BoolVar(&o.trace, "trace", false, "run one user once and print each request and response")
	f.StringVarP(&o.target, "target", "t", "", "base `URL` of the service that --trace sends to")
	f.StringVar(&o.task, "task", "", "`NAME` of the only task that --trace runs")
	o.transport.register(f)
	return cmd
}

// validate reports flags that do not go together.
func (o *checkOptions) validate() error {
	switch {
	case o.trace && o.target == "":
		return errors.New("--trace: name the service to send to with --target")
	case !o.trace && o.target != "":
		return errors.New("--target: only --trace sends requests")
	case !o.trace && o.task != "":
		return errors.New("--task: only --trace runs tasks")
	case o.trace && o.jsonOnly:
		return errors.New("--json and --trace exclude each other")
	}
	return nil
}

// script is a scenario file with what it needs.
type script struct {
	name    string // by which messages call it
	source  string
	options scenario.Options
	noData  error // why its data files cannot be read
}

// openScript reads a scenario file and the data files that it names.
func openScript(file string, environ map[string]string) (*script, error) {
	source, err := readScenario(file)
	if err != nil {
		return nil, err
	}
	s := &script{name: filepath.Base(file), source: source, options: scenario.Options{Env: environ}}
	s.options.Files, s.noData = readData(file, source)
	return s, nil
}

func checkScript(cmd *cobra.Command, std streams, o *checkOptions, s *script) error {
	hidden := newSecrets(s.options.Env)
	s.options.Mask = hidden.mask
	found, err := scenario.Inspect(cmd.Context(), s.name, []byte(s.source), s.options)
	if err != nil {
		return &exitError{code: load.ExitInterrupted}
	}
	if s.noData != nil && !found.Failed() {
		return s.noData
	}
	for i := range found.Findings {
		f := &found.Findings[i]
		f.Message, f.Trace = hidden.mask(f.Message), hidden.mask(f.Trace)
	}
	if o.scenario != "" {
		only := slices.DeleteFunc(slices.Clone(found.Scenarios), func(s scenario.Summary) bool { return s.Plan.Scenario != o.scenario })
		if len(only) == 0 && len(found.Scenarios) > 0 {
			return fmt.Errorf("--scenario: %s has no scenario %q; it has %s", s.name, o.scenario, scenarioNames(found.Scenarios))
		}
		found.Scenarios = only
	}
	write := writeInspection
	if o.jsonOnly {
		write = writeInspectionJSON
	}
	if err := write(std.out, found); err != nil {
		return err
	}
	if found.Failed() {
		return &exitError{code: load.ExitConfig}
	}
	return nil
}

func scenarioNames(list []scenario.Summary) string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Plan.Scenario
	}
	return strings.Join(names, ", ")
}

// A textWriter remembers its first error.
type textWriter struct {
	out io.Writer
	err error
}

func (w *textWriter) printf(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format, args...)
	}
}
