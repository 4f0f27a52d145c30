package cli

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func (c commands) newRecent() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "recent",
		Short: "List the runs that started last",
		Args:  cobra.NoArgs,
	}
	examples(cmd, "-n 5", "--json")
	keep := c.storeFlags(cmd.Flags())
	n := cmd.Flags().IntP("number", "n", 20, "list at most so many")
	asJSON := cmd.Flags().Bool("json", false, "print the list as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *n < 1 {
			return fmt.Errorf("--number: %d is not above 0", *n)
		}
		store, err := keep.open()
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }() // it was only read
		list, note, err := store.Recent(cmd.Context(), *n)
		if err != nil {
			return exit(cmd, err)
		}
		if note != "" {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), sentence(note))
		}
		if *asJSON {
			return writeJSON(cmd.OutOrStdout(), list)
		}
		return writeRecent(cmd.OutOrStdout(), list, time.Now())
	}
	return cmd
}

func writeRecent(w io.Writer, list []run.Summary, now time.Time) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "There are no results yet.")
		return err
	}
	columns := []terminal.Column{
		{Title: "TEST ID"},
		{Title: "METHOD"},
		{Title: "PATH"},
		{Title: "MODE"},
		{Title: "REQ/S", Right: true},
		{Title: "P95", Right: true},
		{Title: "ERROR %", Right: true},
		{Title: "STARTED"},
	}
	style := terminal.NewPalette(w)
	rows := make([][]string, 0, len(list))
	for _, s := range list {
		started := terminal.Ago(now.Sub(s.StartedAt))
		if s.State != run.StateCompleted {
			started += ", " + cell(s.State)
		}
		rows = append(rows, []string{
			cell(s.TestID), cell(s.Method), cell(s.Path), cell(string(s.Mode)), perSec(s.PerSecond), p95(s), errorRate(s, style), started,
		})
	}
	_, err := io.WriteString(w, terminal.Table(columns, rows))
	return err
}

// p95 is a dash where there is none: of streams, and if nothing was completed.
func p95(s run.Summary) string {
	if s.LatencyMsP95 > 0 {
		return latency(s.LatencyMsP95)
	}
	return "–"
}

func errorRate(s run.Summary, style terminal.Palette) string {
	text := terminal.Number(s.ErrorRatePct)
	if s.ErrorRatePct > 0 {
		return style.Bad.Render(text)
	}
	return text
}

func (c commands) newResults() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "results ID",
		Short: "Show all that is known of a run",
		Args:  cobra.ExactArgs(1),
	}
	examples(cmd, "0199a1b2-9c40-7000-8000-5d0d1f6c2a11")
	keep := c.storeFlags(cmd.Flags())
	asJSON := cmd.Flags().Bool("json", false, "print the result as JSON, as it is kept")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		store, err := keep.open()
		if err != nil {
			return err
		}
		defer func() { _ = store.Close() }() // it was only read
		result, err := find(cmd, store, args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			return writeJSON(cmd.OutOrStdout(), result)
		}
		return writeResult(cmd.OutOrStdout(), *result, true)
	}
	return cmd
}

// find returns a result by its id or the beginning of it.
func find(cmd *cobra.Command, store run.Store, id string) (*run.Result, error) {
	result, err := store.Get(cmd.Context(), id)
	if errors.Is(err, load.ErrNotFound) {
		return nil, fmt.Errorf("there is no %w", err)
	}
	return result, exit(cmd, err)
}
