package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

type seriesInput struct {
	RunPath
	From int `query:"from" default:"0" minimum:"0" doc:"The first second"`
}

type seriesOutput struct {
	Body struct {
		Seconds  []load.Second `json:"seconds" doc:"In order; those of a run under way may be amended"`
		Complete bool          `json:"complete" doc:"They are those of the result: none will come or change any more"`
	}
}

// series tells the seconds of a run: those of its result, or what is known of them so far.
func (s *Service) series(ctx context.Context, in *seriesInput) (*seriesOutput, error) {
	run, err := s.run(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	out := &seriesOutput{}
	if run.State.Final() {
		result, err := s.deps.Results.Result(ctx, in.ID)
		if err == nil {
			var whole struct {
				Series []load.Second `json:"series"`
			}
			err = json.Unmarshal(result, &whole)
			out.Body.Seconds, out.Body.Complete = whole.Series, true
		}
		if err != nil && !errors.Is(err, load.ErrNotFound) {
			return nil, fmt.Errorf("result of run %s: %w", in.ID, err)
		}
	}
	if !out.Body.Complete {
		out.Body.Seconds = s.soFar(ctx, in.ID, in.From)
	}
	out.Body.Seconds = slices.DeleteFunc(out.Body.Seconds, func(second load.Second) bool { return second.Second < in.From })
	if out.Body.Seconds == nil {
		out.Body.Seconds = []load.Second{}
	}
	return out, nil
}

// soFar returns the seconds that are known of a run: what this gateway has heard, and if that is not all from one second on, what
// is stored of the others.
func (s *Service) soFar(ctx context.Context, runID string, from int) []load.Second {
	heard := s.hub.series(runID)
	if n := len(heard); s.deps.Series == nil || n > 0 && heard[0].Second <= from && heard[n-1].Second-heard[0].Second == n-1 {
		return heard
	}
	stored, err := s.deps.Series.Series(ctx, runID)
	if err != nil { // a copy for charts: a chart that begins late is better than none
		return heard
	}
	known := map[int]load.Second{}
	for _, second := range slices.Concat(stored, heard) {
		known[second.Second] = second
	}
	return inOrder(known)
}
