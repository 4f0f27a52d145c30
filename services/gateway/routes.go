package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/loadpilot/loadpilot/shared/load"
)

// handler serves the API and what operators look at. A page of another origin cannot make a browser start runs.
func (s *Service) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, newProblem(http.StatusNotFound, "", fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path)))
	})
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		mux.Handle("GET "+path, s.deps.Ops)
	}
	config := huma.DefaultConfig("LoadPilot", s.deps.Version)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/v1/openapi", "", ""
	config.CreateHooks = nil // no $schema links in the answers
	s.register(humago.New(mux, config))

	origin := http.NewCrossOriginProtection()
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, newProblem(http.StatusForbidden, "Origin", "a page of another origin may not do this"))
	}))
	return origin.Handler(mux)
}

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
	huma.Register(api, huma.Operation{
		OperationID: "submit-run", Method: http.MethodPost, Path: "/v1/runs", Summary: "Submit a run, or see what it would be",
		MaxBodyBytes: s.cfg.MaxBodyBytes, BodyReadTimeout: s.cfg.CallTimeout, DefaultStatus: http.StatusCreated,
		Responses: problems(reg, 400, 403, 409, 413, 415, 422, 503),
	}, s.submit)
	describeSubmit(api)
	huma.Register(api, huma.Operation{
		OperationID: "list-runs", Method: http.MethodGet, Path: "/v1/runs", Summary: "List runs, newest first",
		Responses: problems(reg, 422, 503),
	}, s.list)
	huma.Register(api, huma.Operation{
		OperationID: "get-run", Method: http.MethodGet, Path: "/v1/runs/{id}", Summary: "Get a run, with its result once it has ended",
		Responses: problems(reg, 404, 503),
	}, s.get)
	huma.Register(api, huma.Operation{
		OperationID: "get-result", Method: http.MethodGet, Path: "/v1/runs/{id}/result", Summary: "Get the final result of a run",
		Responses: problems(reg, 404, 503),
	}, s.result)
	huma.Register(api, huma.Operation{
		OperationID: "stop-run", Method: http.MethodPost, Path: "/v1/runs/{id}/stop", Summary: "Stop a run; again does no harm",
		Responses: problems(reg, 404, 503),
	}, s.stop)
	events := problems(reg, 404, 503)
	events["200"] = describeEvents(reg)
	huma.Register(api, huma.Operation{
		OperationID: "follow-run", Method: http.MethodGet, Path: "/v1/runs/{id}/events", Summary: "Follow a run until its result",
		Responses: events,
	}, s.events)
	huma.Register(api, huma.Operation{
		OperationID: "list-generators", Method: http.MethodGet, Path: "/v1/generators", Summary: "List the generators that are alive",
		Responses: problems(reg, 503),
	}, s.generators)
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
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	runs, err := s.deps.Runs.List(ctx)
	if err != nil {
		return nil, s.problem(fmt.Errorf("list the runs: %w", err))
	}
	out := &listOutput{}
	out.Body.Runs = make([]Run, 0, min(in.Limit, len(runs)))
	for _, run := range runs[:min(in.Limit, len(runs))] {
		out.Body.Runs = append(out.Body.Runs, viewRun(run))
	}
	return out, nil
}

func (s *Service) get(ctx context.Context, in *RunPath) (*runBody, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	run, err := s.deps.Runs.Get(ctx, in.ID)
	if err != nil {
		return nil, s.problem(fmt.Errorf("run %s: %w", in.ID, err))
	}
	view := viewRun(run)
	if run.State.Final() {
		result, err := s.deps.Results.Result(ctx, in.ID)
		if err != nil && !errors.Is(err, load.ErrNotFound) {
			return nil, s.problem(fmt.Errorf("result of run %s: %w", in.ID, err))
		}
		view.Result = result
	}
	return &runBody{Body: view}, nil
}

type resultBody struct {
	Body RawResult
}

func (s *Service) result(ctx context.Context, in *RunPath) (*resultBody, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	result, err := s.deps.Results.Result(ctx, in.ID)
	if err != nil {
		return nil, s.problem(fmt.Errorf("result of run %s: %w", in.ID, err))
	}
	return &resultBody{Body: result}, nil
}

type generatorsOutput struct {
	Body struct {
		Generators []Generator `json:"generators"`
	}
}

func (s *Service) generators(ctx context.Context, _ *struct{}) (*generatorsOutput, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	fleet, err := s.deps.Fleet.List(ctx)
	if err != nil {
		return nil, s.problem(fmt.Errorf("list the generators: %w", err))
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
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTimeout)
	defer cancel()
	var err error
	for range stopTries {
		var run load.Run
		run, err = s.deps.Runs.Get(ctx, in.ID)
		if err == nil && stopped(&run, s.deps.Clock.Now()) {
			run, err = s.deps.Runs.Update(ctx, run)
		}
		if err == nil {
			return &runBody{Body: viewRun(run)}, nil
		}
		if !errors.Is(err, load.ErrConflict) {
			break
		}
	}
	return nil, s.problem(fmt.Errorf("stop run %s: %w", in.ID, err))
}

// stopped marks the record as stopped now and reports whether that changed anything.
func stopped(run *load.Run, now time.Time) bool {
	switch run.State {
	case load.StatePending, load.StatePreparing:
		run.State, run.Reason = load.StateAborted, "stopped before it started"
	case load.StateRunning:
		run.State, run.Reason = load.StateStopping, "stopped by request"
	case load.StateStopping, load.StateDone, load.StateFailed, load.StateAborted:
		return false
	}
	run.StoppedAt = now
	return true
}

func statusKey(status int) string { return strconv.Itoa(status) }
