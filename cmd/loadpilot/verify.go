package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/services/aggregator"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func newVerifyCommand(std streams) *cobra.Command {
	var url, creds string
	var jsonOnly bool
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Recompute the result of a run from its events and compare it with the stored one",
		Long: "Recompute the result of a run that has ended from its latency events, as this process reads them from NATS, and compare\n" +
			"it with the stored one byte for byte: exit code 0 when they are the same, 3 when they differ, 2 when there is no such run\n" +
			"or it has not ended, 4 when NATS cannot be reached or the events are no longer stored.",
		Example: "  loadpilot verify 01981f60-7c1e-7000-8000-000000000001\n" +
			"  loadpilot verify 01981f60-7c1e-7000-8000-000000000001 --nats-url nats://10.0.0.5:4222 --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || !runID.MatchString(args[0]) {
				return errors.New("name one run by its id, as in loadpilot verify 01981f60-7c1e-7000-8000-000000000001")
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&url, "nats-url", "nats://"+defaultNATS, "`URL` of the NATS server")
	flags.StringVar(&creds, "nats-creds", "", "credentials `FILE` for it")
	flags.BoolVar(&jsonOnly, "json", false, "print nothing but the outcome, as JSON")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		logger, err := newLogger(cmd, std, "warn")
		if err != nil {
			return err
		}
		if url, err = natsURL(url); err != nil {
			return err
		}
		v, err := verify(cmd.Context(), args[0], natsbus.Config{URL: url, Creds: creds, Name: "loadpilot verify", Logger: logger})
		if cmd.Context().Err() != nil {
			return &exitError{code: load.ExitInterrupted}
		}
		if err != nil {
			return err
		}
		show := v.writeText
		if jsonOnly {
			show = v.writeJSON
		}
		if err := show(std.out); err != nil {
			return infra(fmt.Errorf("show the outcome: %w", err))
		}
		if !v.Same {
			return &exitError{code: load.ExitUntrusted}
		}
		return nil
	}
	return cmd
}

// verification is what an audit of a run has found.
type verification struct {
	RunID        string `json:"run_id"`
	Same         bool   `json:"same"`
	Events       int64  `json:"events"`
	LateEvents   int64  `json:"late_events"`
	LateStarted  int64  `json:"late_started"`
	LateRequests int64  `json:"late_requests"`

	differs string // the path of the first field that does; empty: only the spelling does
}

// errGone says why nothing can be said about a run.
var errGone = errors.New("its events are no longer all stored, so nothing can be said about its result: " +
	"the event stream keeps them for a limited time, and drops those of ended runs when it is full")

// verify reads everything about a run from NATS and recomputes its result.
func verify(ctx context.Context, id string, config natsbus.Config) (verification, error) {
	bus, err := natsbus.Connect(ctx, config)
	if err != nil {
		return verification{}, infra(&flagError{"nats-url", err})
	}
	defer bus.Close()
	run, err := bus.Runs.Get(ctx, id)
	switch {
	case errors.Is(err, load.ErrNotFound):
		return verification{}, fmt.Errorf("there is no run %s", id)
	case err != nil:
		return verification{}, infra(err)
	case !run.State.Final():
		return verification{}, fmt.Errorf("run %s has not ended: it is %s", id, run.State)
	}
	stored, err := bus.Events.Result(ctx, id)
	if errors.Is(err, load.ErrNotFound) {
		return verification{}, infra(fmt.Errorf("run %s is %s, but NATS has no result of it: none was written yet, or it has expired", id, run.State))
	} else if err != nil {
		return verification{}, infra(err)
	}
	audit, err := aggregator.Recompute(run, func(each func(load.Record) error) error {
		return bus.Events.History(ctx, id, each)
	})
	if errors.Is(err, load.ErrNotFound) {
		return verification{}, infra(fmt.Errorf("run %s: %w", id, errGone))
	} else if err != nil {
		return verification{}, infra(err)
	}
	v := verification{
		RunID: id, Same: bytes.Equal(stored, audit.Result), Events: audit.Events,
		LateEvents: audit.Late.Events, LateStarted: audit.Late.Started, LateRequests: audit.Late.Requests,
	}
	if v.Same {
		return v, nil
	}
	since, err := bus.Events.KeptSince(ctx)
	if err != nil {
		return verification{}, infra(err)
	}
	if run.CreatedAt.Before(since) { // its first events may be missing
		return verification{}, infra(fmt.Errorf("run %s: %w", id, errGone))
	}
	v.differs = difference(stored, audit.Result)
	return v, nil
}

func (v verification) writeJSON(out io.Writer) error { return json.NewEncoder(out).Encode(v) }

func (v verification) writeText(out io.Writer) error {
	text := fmt.Sprintf("Run %s: replayed %s.\n", v.RunID, counted(v.Events, "latency event"))
	switch {
	case v.Same:
		text += "The stored result is what they say, byte for byte.\n"
	case v.differs != "":
		text += "The stored result differs from what they say, first in " + v.differs + ".\n"
	default:
		text += "The stored result differs from what they say in its spelling only.\n"
	}
	if v.LateEvents > 0 {
		text += fmt.Sprintf("After the end came %s, in no number of the result: %s started, %s.\n",
			counted(v.LateEvents, "more event"), counted(v.LateStarted, "iteration"), counted(v.LateRequests, "request"))
	}
	_, err := io.WriteString(out, terminal.Printable(text))
	return err
}

// counted puts a number before a noun.
func counted(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return terminal.Count(n) + " " + noun + "s"
}
