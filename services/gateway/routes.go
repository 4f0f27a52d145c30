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
		Responses: problems(reg, append(errorStatuses, 403, 500, 503)...),
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
	out.Body.Runs = make([]Run, 0, min(in.Limit, len(runs)))
	for _, run := range runs[:min(in.Limit, len(runs))] {
		out.Body.Runs = append(out.Body.Runs, viewRun(run))
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
		view.Result = result
	}
	return &runBody{Body: view}, nil
}

type resultBody struct {
	Body RawResult
}

func (s *Service) result(ctx context.Context, in *RunPath) (*resultBody, error) {
	result, err := s.deps.Results.Result(ctx, in.ID)
	if errors.Is(err, load.ErrNotFound) {
		if _, err := s.run(ctx, in.ID); err != nil {
			return nil, err
		}
		return nil, newProblem(http.StatusNotFound, "", "no result of run "+in.ID+" yet")
	}
	if err != nil {
		return nil, fmt.Errorf("result of run %s: %w", in.ID, err)
	}
	return &resultBody{Body: result}, nil
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

// stopTries bounds how often a stop is repeated when others change the record at the same time.
const stopTries = 10

// stop asks for a stop. A run that has not started ends at once; one that is stopping or has ended stays as it is.
func (s *Service) stop(ctx context.Context, in *RunPath) (*runBody, error) {
	var err error
	for range stopTries {
		var run load.Run
		run, err = s.run(ctx, in.ID)
		if err == nil && run.Stop(s.deps.Clock.Now(), stopReason(run.State)) {
			run, err = s.deps.Runs.Update(ctx, run)
		}
		if err == nil {
			return &runBody{Body: viewRun(run)}, nil
		}
		if !errors.Is(err, load.ErrConflict) {
			break
		}
	}
	return nil, fmt.Errorf("stop run %s: %w", in.ID, err)
}

func stopReason(state load.State) string {
	if state == load.StateRunning {
		return "stopped by request"
	}
	return "stopped before it started"
}
