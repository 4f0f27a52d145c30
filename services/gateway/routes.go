package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
)

// RunPath names a run in a path.
type RunPath struct {
	ID string `path:"id" doc:"Run id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$"`
}

type runBody struct {
	Body Run
}

// register adds every operation of the API.
func (s *Service) register(api huma.API) {
	reg := api.OpenAPI().Components.Schemas
	submit := operation(reg, http.MethodPost, "/v1/runs", "submit-run", "Submit a run, or see what it would be", 400, 408, 409, 413, 415, 422)
	submit.MaxBodyBytes, submit.BodyReadTimeout, submit.DefaultStatus = s.cfg.MaxBodyBytes, s.cfg.SubmitTimeout, http.StatusCreated
	huma.Register(api, submit, within(s, s.cfg.SubmitTimeout, s.submit))
	describeSubmit(api)
	huma.Register(api, operation(reg, http.MethodGet, "/v1/runs", "list-runs", "List runs, newest first", 422), bounded(s, s.list))
	huma.Register(api, operation(reg, http.MethodGet, "/v1/runs/{id}", "get-run",
		"Get a run, with its result once it has ended", 404, 422), bounded(s, s.get))
	huma.Register(api, operation(reg, http.MethodGet, "/v1/runs/{id}/result", "get-result",
		"Get the final result of a run", 404, 422), bounded(s, s.result))
	huma.Register(api, operation(reg, http.MethodPost, "/v1/runs/{id}/stop", "stop-run",
		"Stop a run; again does no harm", 404, 409, 422), bounded(s, s.stop))
	control := operation(reg, http.MethodPost, "/v1/runs/{id}/control", "control-run",
		"Pause, resume, change the rate of, or stop a run", 400, 404, 408, 409, 413, 415, 422)
	control.MaxBodyBytes, control.BodyReadTimeout = maxControl, s.cfg.CallTimeout
	huma.Register(api, control, bounded(s, s.control))
	huma.Register(api, operation(reg, http.MethodGet, "/v1/runs/{id}/series", "get-series",
		"Get the seconds of a run, also while it is under way", 404, 422), bounded(s, s.series))
	report := operation(reg, http.MethodGet, "/v1/runs/{id}/report", "get-report", "Get the result of a run as one HTML file", 404, 422)
	report.Responses["200"] = describeReport()
	huma.Register(api, report, bounded(s, s.report))
	huma.Register(api, operation(reg, http.MethodGet, "/v1/compare", "compare-runs",
		"Compare the results of two runs", 404, 422), bounded(s, s.compare))
	huma.Register(api, operation(reg, http.MethodGet, scenariosPath, "list-scenarios",
		"List the scenario files that the gateway offers"), bounded(s, s.scenarios))
	huma.Register(api, operation(reg, http.MethodGet, "/v1/api-tests", "list-api-tests",
		"List API load tests, newest first", 422), bounded(s, s.apiTests))
	huma.Register(api, operation(reg, http.MethodGet, "/v1/api-tests/{id}", "get-api-test",
		"Get the result of an API load test", 404, 422), bounded(s, s.apiTest))
	events := operation(reg, http.MethodGet, "/v1/runs/{id}/events", "follow-run", "Follow a run until its result", 404, 422)
	events.Responses["200"] = describeEvents(reg)
	huma.Register(api, events, s.events)
	huma.Register(api, operation(reg, http.MethodGet, "/v1/generators", "list-generators",
		"List the generators that are alive"), bounded(s, s.generators))
	for _, replaced := range []string{"ErrorModel", "ErrorDetail"} { // by Problem
		delete(reg.Map(), replaced)
	}
}

// operation describes an operation and its error answers; those that every operation has are added.
func operation(reg huma.Registry, method, path, id, summary string, errorStatuses ...int) huma.Operation {
	return huma.Operation{
		Method: method, Path: path, OperationID: id, Summary: summary,
		Responses: problems(reg, append(errorStatuses, 401, 403, 500, 503)...),
	}
}

// bounded makes an operation's handler: its time is limited, and its errors become problems.
func bounded[In, Out any](s *Service, handle func(context.Context, *In) (*Out, error)) func(context.Context, *In) (*Out, error) {
	return within(s, s.cfg.CallTimeout, handle)
}

// within is bounded with another time.
func within[In, Out any](s *Service, limit time.Duration, handle func(context.Context, *In) (*Out, error)) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(err)
		}
		return out, nil
	}
}

// run reads a record.
func (s *Service) run(ctx context.Context, id string) (load.Run, error) {
	run, err := s.deps.Runs.Get(ctx, id)
	switch {
	case errors.Is(err, load.ErrNotFound):
		return run, newProblem(http.StatusNotFound, "", "no run "+id)
	case err != nil:
		return run, fmt.Errorf("run %s: %w", id, err)
	}
	return run, nil
}

type listInput struct {
	Limit int `query:"limit" default:"50" minimum:"1" maximum:"1000" doc:"How many runs at most"`
}

type listOutput struct {
	Body struct {
		Runs []Run `json:"runs"`
	}
}

func (s *Service) list(ctx context.Context, in *listInput) (*listOutput, error) {
	runs, err := s.deps.Runs.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the runs: %w", err)
	}
	out := &listOutput{}
	s.outcomes.keep(runs)
	out.Body.Runs = make([]Run, 0, min(in.Limit, len(runs)))
	for _, run := range runs[:min(in.Limit, len(runs))] {
		view := viewRun(run)
		if run.State.Final() {
			outcome, err := s.outcomes.of(ctx, run.ID)
			if err != nil {
				return nil, err
			}
			view.Verdict, view.Trust = outcome.verdict, outcome.trust
		}
		out.Body.Runs = append(out.Body.Runs, view)
	}
	return out, nil
}

func (s *Service) get(ctx context.Context, in *RunPath) (*runBody, error) {
	run, err := s.run(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	view := viewRun(run)
	if run.State.Final() {
		result, err := s.deps.Results.Result(ctx, in.ID)
		if err != nil && !errors.Is(err, load.ErrNotFound) {
			return nil, fmt.Errorf("result of run %s: %w", in.ID, err)
		}
		if err == nil {
			outcome, err := outcomeOf(result)
			if err != nil {
				return nil, fmt.Errorf("result of run %s: %w", in.ID, err)
			}
			view.Result, view.Verdict, view.Trust = result, outcome.verdict, outcome.trust
		}
	}
	return &runBody{Body: view}, nil
}

type generatorsOutput struct {
	Body struct {
		Generators []Generator `json:"generators"`
	}
}

func (s *Service) generators(ctx context.Context, _ *struct{}) (*generatorsOutput, error) {
	fleet, err := s.deps.Fleet.List(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the generators: %w", err)
	}
	out := &generatorsOutput{}
	out.Body.Generators = make([]Generator, 0, len(fleet))
	for _, g := range fleet {
		out.Body.Generators = append(out.Body.Generators, viewGenerator(g))
	}
	return out, nil
}
