package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/compare"
	"github.com/loadpilot/loadpilot/shared/load"
)

type resultBody struct {
	Body RawResult
}

func (s *Service) result(ctx context.Context, in *RunPath) (*resultBody, error) {
	result, err := s.finalResult(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &resultBody{Body: result}, nil
}

// finalResult returns the result of a run, or a problem that says whether the run or its result is missing.
func (s *Service) finalResult(ctx context.Context, id string) ([]byte, error) {
	result, err := s.deps.Results.Result(ctx, id)
	switch {
	case errors.Is(err, load.ErrNotFound):
		if _, err := s.run(ctx, id); err != nil {
			return nil, err
		}
		return nil, newProblem(http.StatusNotFound, "", "no result of run "+id+" yet")
	case err != nil:
		return nil, fmt.Errorf("result of run %s: %w", id, err)
	}
	return result, nil
}

type reportOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// report makes an HTML file of a result.
func (s *Service) report(ctx context.Context, in *RunPath) (*reportOutput, error) {
	if s.deps.Report == nil {
		return nil, newProblem(http.StatusNotFound, "", "this gateway makes no reports")
	}
	result, err := s.finalResult(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	if err := s.deps.Report(&page, result); err != nil {
		return nil, fmt.Errorf("report of run %s: %w", in.ID, err)
	}
	return &reportOutput{
		ContentType: "text/html; charset=utf-8",
		Disposition: fmt.Sprintf("attachment; filename=%q", "loadpilot-"+in.ID+".html"),
		Body:        page.Bytes(),
	}, nil
}

// describeReport documents the one answer that is no JSON.
func describeReport() *huma.Response {
	return &huma.Response{
		Description: "One HTML file that needs nothing else",
		Content:     map[string]*huma.MediaType{"text/html": {Schema: &huma.Schema{Type: huma.TypeString}}},
	}
}

type compareInput struct {
	Current   string  `query:"current" required:"true" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"Id of the run that is judged"`
	Baseline  string  `query:"baseline" required:"true" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$" doc:"Id of the run that it is compared with"`
	Threshold float64 `query:"threshold" default:"10" exclusiveMinimum:"0" maximum:"1000" doc:"Per cent below which a change does not matter"`
}

type compareOutput struct {
	Body compare.Comparison
}

// compare tells whether a run differs from another one by more than chance explains.
func (s *Service) compare(ctx context.Context, in *compareInput) (*compareOutput, error) {
	if math.IsNaN(in.Threshold) { // which no bound excludes
		return nil, newProblem(http.StatusUnprocessableEntity, "threshold", "threshold: it is not a number")
	}
	var runs [2]load.Result
	for i, id := range []string{in.Baseline, in.Current} {
		result, err := s.finalResult(ctx, id)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(result, &runs[i]); err != nil {
			return nil, fmt.Errorf("result of run %s: %w", id, err)
		}
	}
	comparison, err := compare.Runs(&runs[0], &runs[1], compare.Options{ThresholdPct: in.Threshold})
	if errors.Is(err, compare.ErrUntrusted) {
		return nil, newProblem(http.StatusUnprocessableEntity, "", err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &compareOutput{Body: comparison}, nil
}

// outcome is what a list of runs tells of a result.
type outcome struct{ verdict, trust string }

// outcomes remembers the outcome of runs that have ended: a result does not change, and it is long.
type outcomes struct {
	results ResultStore

	mu    sync.Mutex
	known map[string]outcome // by run id
}

// of returns the outcome of a run, none as long as there is no result.
func (o *outcomes) of(ctx context.Context, runID string) (outcome, error) {
	o.mu.Lock()
	out, ok := o.known[runID]
	o.mu.Unlock()
	if ok {
		return out, nil
	}
	result, err := o.results.Result(ctx, runID)
	if errors.Is(err, load.ErrNotFound) {
		return outcome{}, nil
	}
	if err != nil {
		return outcome{}, fmt.Errorf("result of run %s: %w", runID, err)
	}
	out, _ = outcomeOf(result) // one that cannot be read is no reason to show no list
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known[runID] = out
	return out, nil
}

// keep forgets all runs but those.
func (o *outcomes) keep(runs []load.Run) {
	ids := make(map[string]bool, len(runs))
	for _, run := range runs {
		ids[run.ID] = true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for id := range o.known {
		if !ids[id] {
			delete(o.known, id)
		}
	}
}

func outcomeOf(result []byte) (outcome, error) {
	var head struct {
		Verdict struct {
			Passed bool `json:"passed"`
		} `json:"verdict"`
		Trust struct {
			Level string `json:"level"`
		} `json:"trust"`
	}
	if err := json.Unmarshal(result, &head); err != nil {
		return outcome{}, err
	}
	out := outcome{verdict: "failed", trust: head.Trust.Level}
	if head.Verdict.Passed {
		out.verdict = "passed"
	}
	return out, nil
}
