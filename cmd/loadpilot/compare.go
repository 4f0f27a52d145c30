package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/shared/compare"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func newCompareCommand(std streams) *cobra.Command {
	var keep historyFlags
	var options compare.Options
	cmd := &cobra.Command{
		Use:   "compare CURRENT [BASELINE]",
		Short: "Tell whether a run was worse than another one",
		Long: "Compare the result of a run with a baseline, by default " + baselineFile + ", which run --save-baseline writes. A result is\n" +
			"named by a file, by the id of its run or the first characters of it, or is read from standard input (-).\n\n" +
			"Exit codes: 0 no regression, or in doubt, 1 a regression: a change for the worse that chance does not explain and that may be as\n" +
			"great as --threshold, 2 the runs are not alike, 3 one of them is untrusted.",
		Example: "  loadpilot compare out.json\n" +
			"  loadpilot compare 01981f60-7c1e 01981e02-11aa --threshold 5\n" +
			"  loadpilot run checkout.py -t https://staging.example.com --json | loadpilot compare -",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1 && len(args) != 2:
				return errors.New("name a result and perhaps a baseline, by a file or the id of a run; loadpilot recent lists them")
			case len(args) == 2 && args[0] == "-" && args[1] == "-":
				return errors.New("only one of the results can be read from standard input")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	keep.register(flags)
	flags.Float64Var(&options.ThresholdPct, "threshold", compare.DefaultThresholdPct, "`PERCENT`: a smaller change does not matter")
	flags.BoolVar(&options.Untrusted, "allow-untrusted", false, "compare untrusted runs as well")
	flags.BoolVar(&options.Force, "force", false, "compare runs of different scenarios or rates as well")
	asJSON := flags.Bool("json", false, "print the comparison as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !(options.ThresholdPct > 0) {
			return fmt.Errorf("--threshold: %v is not above 0", options.ThresholdPct)
		}
		h, err := keep.open()
		if err != nil {
			return err
		}
		defer h.close()
		results, err := h.pair(cmd.Context(), std.in, args)
		if err != nil {
			return err
		}
		c, err := compare.Runs(&results[1], &results[0], options)
		if errors.Is(err, compare.ErrUntrusted) {
			return &exitError{code: load.ExitUntrusted, err: fmt.Errorf("%w; --allow-untrusted compares it all the same", err)}
		}
		if err != nil {
			return err
		}
		if *asJSON {
			err = writeJSON(std.out, c)
		} else {
			err = infra(writeComparison(std.out, c))
		}
		if err := errors.Join(err, infra(appendSummary(func(w io.Writer) error { return writeComparisonMarkdown(w, c) }))); err != nil {
			return err
		}
		if c.Verdict == compare.Regression {
			return &exitError{code: load.ExitBreached}
		}
		return nil
	}
	return cmd
}

// pair reads the results that are named: the current one, and the baseline.
func (h *history) pair(ctx context.Context, in io.Reader, args []string) (results [2]load.Result, err error) {
	for i := range results {
		name, read := baselineFile, readBaseline
		if i < len(args) {
			name = args[i]
			read = func() ([]byte, error) { return h.named(ctx, in, name) }
		}
		text, err := read()
		if err != nil {
			return results, err
		}
		if results[i], err = readResult(text); err != nil {
			return results, fmt.Errorf("%s: %w", name, err)
		}
	}
	return results, nil
}

// named reads a result from a file, from standard input, or from the history.
func (h *history) named(ctx context.Context, in io.Reader, name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(in)
	}
	text, err := os.ReadFile(name)
	if os.IsNotExist(err) && runID.MatchString(name) {
		return h.find(ctx, name)
	}
	return text, err
}

// comparisonColumns are those of a table of figures.
var comparisonColumns = []string{"FIGURE", "BASELINE", "CURRENT", "DIFF", "P", "VERDICT"}

// comparisonRow is a line of the table.
func comparisonRow(f compare.Figure) []string {
	unit := ""
	if strings.HasSuffix(f.Name, "_ms") {
		unit = "ms"
	}
	diff, p := "new", fmt.Sprintf("%.2g", f.P)
	if f.DiffPct != nil {
		diff = fmt.Sprintf("%+.1f%%", *f.DiffPct)
	}
	if f.Verdict == compare.TooLittle {
		p = "–"
	}
	return []string{f.Name, terminal.Number(f.Baseline) + unit, terminal.Number(f.Current) + unit, diff, p, string(f.Verdict)}
}

func writeComparison(w io.Writer, c compare.Comparison) error {
	p := terminal.NewPalette(w)
	colours := map[compare.Verdict]func(...string) string{compare.Regression: p.Bad.Render, compare.Improvement: p.Good.Render, compare.InDoubt: p.Warn.Render}
	coloured := func(verdict compare.Verdict, text string) string {
		if colour, ok := colours[verdict]; ok {
			return colour(text)
		}
		return text
	}
	columns := make([]terminal.Column, len(comparisonColumns))
	for i, title := range comparisonColumns {
		columns[i] = terminal.Column{Title: title, Right: i > 0 && i < len(comparisonColumns)-1}
	}
	rows := make([][]string, len(c.Figures))
	for i, f := range c.Figures {
		rows[i] = comparisonRow(f)
		rows[i][5] = coloured(f.Verdict, rows[i][5])
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Run %s against the baseline %s\n%s", cell(c.Current), cell(c.Baseline), terminal.Table(columns, rows))
	for _, note := range c.Notes {
		fmt.Fprintln(&b, p.Warn.Render("Note: "+cell(note)))
	}
	fmt.Fprintln(&b, coloured(c.Verdict, conclusion(c)))
	_, err := io.WriteString(w, b.String())
	return err
}

// conclusion is a comparison in a line.
func conclusion(c compare.Comparison) string {
	threshold := terminal.Number(c.ThresholdPct)
	switch c.Verdict {
	case compare.Regression:
		if !slices.ContainsFunc(c.Figures, func(f compare.Figure) bool { return f.Verdict == compare.Regression && f.P < compare.Significance }) {
			return "Regression: the notes say why."
		}
		return "Regression: chance does not explain it, and it may be " + threshold + "% or more."
	case compare.Improvement:
		return "Improvement: chance does not explain it, and it may be " + threshold + "% or more."
	case compare.InDoubt:
		return "In doubt: something is worse that the test of blocks cannot judge; the notes say what."
	case compare.NoEvidence:
		return "No evidence of a change of " + threshold + "% or more."
	case compare.TooLittle:
	}
	return fmt.Sprintf("Too little to tell: both runs need %d requests, and %d blocks that are alike in length and planned rate.", compare.MinRequests, compare.MinBlocks)
}

func writeComparisonMarkdown(w io.Writer, c compare.Comparison) error {
	var b strings.Builder
	fmt.Fprintf(&b, "## LoadPilot: %s\n\nRun %s against the baseline %s\n\n| %s |\n| --- | ---: | ---: | ---: | ---: | --- |\n",
		c.Verdict, markdown(c.Current), markdown(c.Baseline), strings.Join(comparisonColumns, " | "))
	for _, f := range c.Figures {
		row := comparisonRow(f)
		for i := range row {
			row[i] = markdown(row[i])
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
	}
	fmt.Fprintf(&b, "\n%s\n", conclusion(c))
	writeMarkdownList(&b, "Notes", c.Notes)
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}
