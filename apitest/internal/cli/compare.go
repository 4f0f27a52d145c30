package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest/internal/compare"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func (c commands) newCompare() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare ID [BASELINE]",
		Short: "Tell whether a run was worse than another one of the same route",
		Long: "Compares a run with a baseline, by default the newest other run of the same route. The exit code is 1 if it was worse by\n" +
			"more than --threshold per cent and chance does not explain it.",
		Args: cobra.RangeArgs(1, 2),
	}
	examples(cmd, "0199a1b2-9c40", "0199a1b2-9c40 0199a1b1-0f77 --threshold 5")
	keep := c.storeFlags(cmd.Flags())
	threshold := cmd.Flags().Float64("threshold", compare.DefaultThreshold, "`PERCENT` that a figure must be worse")
	asJSON := cmd.Flags().Bool("json", false, "print the comparison as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *threshold < 0 {
			return fmt.Errorf("--threshold: %v is below 0", *threshold)
		}
		store, err := keep.open()
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }() // it was only read
		current, err := find(cmd, store, args[0])
		if err != nil {
			return err
		}
		baseline, err := findBaseline(cmd, store, current, args[1:])
		if err != nil {
			return err
		}
		comparison, err := compare.Results(baseline, current, *threshold)
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(cmd.OutOrStdout(), comparison)
		} else {
			err = writeComparison(cmd.OutOrStdout(), comparison)
		}
		if err != nil || comparison.Verdict != compare.Regression {
			return err
		}
		return finish(cmd, load.ExitBreached)
	}
	return cmd
}

// findBaseline returns the result that was named, or else the newest other one of the same test.
func findBaseline(cmd *cobra.Command, store run.Store, current *run.Result, named []string) (*run.Result, error) {
	if len(named) > 0 {
		return find(cmd, store, named[0])
	}
	last, err := store.Last(cmd.Context(), current.Config.Key(), current.TestID)
	if errors.Is(err, load.ErrNotFound) {
		return nil, fmt.Errorf("there is no other result of %s %s, %s, with as many clients and all else alike", current.Config.Method, current.Config.Path, current.Mode)
	}
	return last, exit(cmd, err)
}

func writeComparison(w io.Writer, c compare.Comparison) error {
	style := terminal.NewPalette(w)
	colours := map[compare.Verdict]func(...string) string{compare.Regression: style.Bad.Render, compare.Improvement: style.Good.Render}
	coloured := func(verdict compare.Verdict, text string) string {
		if colour, ok := colours[verdict]; ok {
			return colour(text)
		}
		return text
	}
	columns := []terminal.Column{
		{Title: "FIGURE"}, {Title: "BASELINE", Right: true}, {Title: "CURRENT", Right: true}, {Title: "DIFF", Right: true},
	}
	rows := make([][]string, 0, len(c.Figures))
	for _, f := range c.Figures {
		figure, diff := terminal.Number, "new"
		if strings.Contains(f.Name, "_ms") {
			figure = latency
		}
		if f.DiffPct != nil {
			diff = fmt.Sprintf("%+.1f%%", *f.DiffPct)
		}
		rows = append(rows, []string{f.Name, figure(f.Baseline), figure(f.Current), coloured(f.Verdict, diff)})
	}
	text := terminal.Table(columns, rows)
	if c.Targets != nil {
		text += fmt.Sprintf("The baseline is of %s, the current run of %s.\n", cell(c.Targets[0]), cell(c.Targets[1]))
	}
	_, err := fmt.Fprintf(w, "%s%s\n", text, coloured(c.Verdict, sentence(string(c.Verdict))))
	return err
}
