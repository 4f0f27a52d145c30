package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// What of the folder of results is removed with the next one: files that are older, or more.
const (
	maxResultAge = 30 * 24 * time.Hour
	maxResults   = 1000
)

// minPrefix is the length of the shortest beginning of an id that names a result.
const minPrefix = 6

// resultFolder holds a file for each result that a client on this machine has followed, called by the id of its run.
type resultFolder string

func newResultFolder() (resultFolder, error) {
	dir, err := stateDir()
	return resultFolder(filepath.Join(dir, "results")), err
}

func (f resultFolder) file(id string) string { return filepath.Join(string(f), id+".json") }

// keep writes a result, removes what is too old, and returns the name of the file.
func (f resultFolder) keep(id string, result []byte) (string, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return "", fmt.Errorf("keep the result: %w", err)
	}
	if err := writeResult(f.file(id), result); err != nil {
		return "", err
	}
	f.prune(time.Now())
	return f.file(id), nil
}

// ids returns the ids of all results, the newest first: they are in the order of time. Other files are none of ours.
func (f resultFolder) ids() ([]string, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the results: %w", err)
	}
	var ids []string
	for _, entry := range slices.Backward(entries) { // they are sorted by name
		id, ok := strings.CutSuffix(entry.Name(), ".json")
		if u, err := uuid.Parse(id); ok && err == nil && u.Version() == 7 && u.String() == id {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// prune removes results that are too old, or too many. What cannot be removed is tried again with the next result.
func (f resultFolder) prune(now time.Time) {
	ids, _ := f.ids()
	for i, id := range ids {
		secs, nanos := uuid.MustParse(id).Time().UnixTime()
		if i >= maxResults || now.Sub(time.Unix(secs, nanos)) > maxResultAge {
			_ = os.Remove(f.file(id))
		}
	}
}

// history finds results: those of runs that a client on this machine has followed in the state folder, others for a day in Redis.
type history struct {
	folder resultFolder
	redis  *redisstore.Store
	asked  bool // for that Redis: it is an error if it is away
}

// historyFlags say where results are.
type historyFlags struct{ redisURL string }

func (h *historyFlags) register(f *pflag.FlagSet) {
	f.StringVar(&h.redisURL, "redis-url", "", "`URL` of the Redis that keeps results for a day (default "+redisstore.DefaultURL+", if it is there)")
}

// open returns the history. The caller must close it.
func (h *historyFlags) open() (*history, error) {
	folder, err := newResultFolder()
	if err != nil {
		return nil, err
	}
	store, err := redisstore.Open(redisstore.Config{URL: h.redisURL})
	if err != nil {
		return nil, &flagError{"redis-url", err}
	}
	return &history{folder: folder, redis: store, asked: h.redisURL != ""}, nil
}

func (h *history) close() { _ = h.redis.Close() } // it was only read

// ids returns the ids of the n newest results of either place.
func (h *history) ids(ctx context.Context, n int) ([]string, error) {
	kept, err := h.folder.ids()
	if err != nil {
		return nil, err
	}
	stored, err := h.redis.IDs(ctx, n)
	if err != nil && (h.asked || ctx.Err() != nil) {
		return nil, infra(err)
	}
	ids := slices.Concat(kept[:min(n, len(kept))], stored)
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// get returns the JSON of a result by the id of its run. It fails with load.ErrNotFound.
func (h *history) get(ctx context.Context, id string) ([]byte, error) {
	text, err := os.ReadFile(h.folder.file(id))
	if !errors.Is(err, fs.ErrNotExist) {
		return text, err
	}
	text, err = h.redis.Result(ctx, id)
	if errors.Is(err, load.ErrUnavailable) {
		return nil, infra(err)
	}
	return text, err
}

// find returns the JSON of the result of a run by its id, or the beginning of it.
func (h *history) find(ctx context.Context, id string) ([]byte, error) {
	ids, err := h.ids(ctx, maxResults)
	if err != nil {
		return nil, err
	}
	found := slices.DeleteFunc(ids, func(known string) bool {
		return known != id && (len(id) < minPrefix || !strings.HasPrefix(known, id))
	})
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("there is no result of a run %s", id)
	case 1:
		return h.get(ctx, found[0])
	default:
		return nil, fmt.Errorf("the ids of %d results begin with %s", len(found), id)
	}
}

// recent returns the newest results, at most n. A result that is gone, or that a later version wrote in another way, hides no other.
func (h *history) recent(ctx context.Context, n int) ([]load.Result, error) {
	ids, err := h.ids(ctx, n)
	if err != nil {
		return nil, err
	}
	list := []load.Result{}
	for _, id := range ids {
		if text, err := h.get(ctx, id); err == nil {
			if r, err := readResult(text); err == nil {
				list = append(list, r)
			}
		}
	}
	slices.SortFunc(list, func(a, b load.Result) int { return b.StartedAt.Compare(a.StartedAt) })
	return list[:min(n, len(list))], ctx.Err()
}

// recentRun is a line of the list of results, as JSON.
type recentRun struct {
	RunID          string          `json:"run_id"`
	Scenario       string          `json:"scenario"`
	TargetURL      string          `json:"target_url"`
	State          load.State      `json:"state"`
	StartedAt      time.Time       `json:"started_at"`
	DurationSecs   float64         `json:"duration_secs"`
	RPSTarget      float64         `json:"rps_target"`
	RPSActual      float64         `json:"rps_actual"`
	RequestsPerSec float64         `json:"requests_per_sec"`
	P95Ms          float64         `json:"p95_ms"`
	P99Ms          float64         `json:"p99_ms"`
	ErrorRatePct   float64         `json:"error_rate_pct"`
	Passed         bool            `json:"passed"`
	Trust          load.TrustLevel `json:"trust"`
}

func newRecentCommand(std streams) *cobra.Command {
	var keep historyFlags
	cmd := &cobra.Command{
		Use:   "recent",
		Short: "List the results of the runs that started last",
		Long: "List the results of the runs that started last: of those that were followed on this machine (kept for 30 days), and of others\n" +
			"those that Redis has (for a day).",
		Example: "  loadpilot recent -n 5\n  loadpilot recent --json | jq '.[0].p99_ms'",
		Args:    cobra.NoArgs,
	}
	keep.register(cmd.Flags())
	n := cmd.Flags().IntP("number", "n", 20, "list at most so many")
	asJSON := cmd.Flags().Bool("json", false, "print the list as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *n < 1 {
			return fmt.Errorf("--number: %d is not above 0", *n)
		}
		h, err := keep.open()
		if err != nil {
			return err
		}
		defer h.close()
		results, err := h.recent(cmd.Context(), *n)
		if err != nil {
			return err
		}
		if *asJSON {
			return writeRecentJSON(std.out, results)
		}
		return infra(writeRecent(std.out, results, time.Now()))
	}
	return cmd
}

func writeRecentJSON(w io.Writer, results []load.Result) error {
	list := make([]recentRun, len(results))
	for i, r := range results {
		list[i] = recentRun{
			RunID: r.RunID, Scenario: r.Scenario, TargetURL: r.TargetURL, State: r.State, StartedAt: r.StartedAt,
			DurationSecs: r.DurationSecs, RPSTarget: r.RPSTarget, RPSActual: r.RPSActual, RequestsPerSec: r.RequestsPerSec,
			P95Ms: r.P95Ms, P99Ms: r.P99Ms, ErrorRatePct: r.ErrorRatePct, Passed: r.Verdict.Passed, Trust: r.Trust.Level,
		}
	}
	return writeJSON(w, list)
}

// writeJSON writes a value as JSON for people as well.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return infra(encoder.Encode(value))
}

func writeRecent(w io.Writer, results []load.Result, now time.Time) error {
	if len(results) == 0 {
		_, err := fmt.Fprintln(w, "There are no results yet.")
		return err
	}
	columns := []terminal.Column{
		{Title: "RUN ID"},
		{Title: "SCENARIO"},
		{Title: "RATE", Right: true},
		{Title: "P95", Right: true},
		{Title: "P99", Right: true},
		{Title: "ERROR %", Right: true},
		{Title: "VERDICT"},
		{Title: "TRUST"},
		{Title: "STARTED"},
	}
	p := terminal.NewPalette(w)
	rows := make([][]string, len(results))
	for i, r := range results {
		ms := figures(r.Response.Count > 0)
		started := terminal.Ago(now.Sub(r.StartedAt))
		if r.State != load.StateDone {
			started += ", " + cell(string(r.State))
		}
		rows[i] = []string{
			cell(r.RunID), cell(r.Scenario), terminal.Number(r.RPSActual), ms(r.P95Ms), ms(r.P99Ms), terminal.Number(r.ErrorRatePct),
			verdictWord(r, p), trustWord(r.Trust.Level, p), started,
		}
	}
	_, err := io.WriteString(w, terminal.Table(columns, rows))
	return err
}

// cell is a text for a table: in one line, and without what would command a terminal.
func cell(text string) string { return strings.Join(strings.Fields(terminal.Printable(text)), " ") }

func verdictWord(r load.Result, p terminal.Palette) string {
	if r.Verdict.Passed {
		return p.Good.Render("passed")
	}
	return p.Bad.Render("failed")
}

// trustWord is a level of trust in its colour.
func trustWord(level load.TrustLevel, p terminal.Palette) string {
	style := p.Good
	switch level {
	case load.TrustUntrusted:
		style = p.Bad
	case load.TrustDegraded:
		style = p.Warn
	case load.TrustTrusted:
	}
	return style.Render(cell(string(level)))
}

func newResultsCommand(std streams) *cobra.Command {
	var keep historyFlags
	cmd := &cobra.Command{
		Use:     "results ID",
		Short:   "Show the result of a run",
		Long:    "Show the result of a run, by its id or the first characters of it, as run showed it at its end.",
		Example: "  loadpilot results 01981f60-7c1e-7000-8000-000000000001\n  loadpilot results 01981f60-7c1e --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("name one run by its id; loadpilot recent lists them")
			}
			return nil
		},
	}
	keep.register(cmd.Flags())
	asJSON := cmd.Flags().Bool("json", false, "print the result as JSON, as it is kept")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		h, err := keep.open()
		if err != nil {
			return err
		}
		defer h.close()
		text, err := h.find(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if *asJSON {
			pretty, err := terminal.Indent(text)
			if err == nil {
				_, err = std.out.Write(pretty)
			}
			return infra(err)
		}
		r, err := readResult(text)
		if err != nil {
			return err
		}
		return infra(writeSummary(std.out, r, ""))
	}
	return cmd
}

// readResult decodes a result, which anybody may have written.
func readResult(text []byte) (load.Result, error) {
	var r load.Result
	if err := json.Unmarshal(text, &r); err != nil {
		return r, fmt.Errorf("not a result of a run: %w", err)
	}
	if r.RunID == "" {
		return r, errors.New("not a result of a run: it has no run_id")
	}
	return r, nil
}
