package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
)

type submitInput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Key         string `header:"Idempotency-Key" maxLength:"255" doc:"The same key with the same request gives the same run"`
	DryRun      bool   `query:"dry_run" doc:"Answer with the plan and start nothing"`
	RawBody     []byte
}

type submitOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     any
}

// submit compiles and plans a run, stores its source and its record. It answers 201 with the new run, 200 with the run that
// the same key has made before, or in a dry run 200 with the plan.
func (s *Service) submit(ctx context.Context, in *submitInput) (*submitOutput, error) {
	req, err := decodeRequest(in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	out, err := s.submitRequest(ctx, req, in)
	if secrets := req.secrets(); err != nil && secrets.Any() {
		err = masked(s.problem(err), secrets.Mask())
	}
	return out, err
}

func (s *Service) submitRequest(ctx context.Context, req Request, in *submitInput) (*submitOutput, error) {
	plan, err := s.plan(ctx, req, in.DryRun)
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return &submitOutput{Status: http.StatusOK, Body: viewPlan(plan)}, nil
	}
	status := http.StatusCreated
	run, err := s.create(ctx, req, plan, in.Key)
	if errors.Is(err, load.ErrConflict) && in.Key != "" {
		status = http.StatusOK
		run, err = s.repeated(ctx, run)
	}
	if err != nil {
		return nil, err
	}
	return &submitOutput{Status: status, Location: "/v1/runs/" + run.ID, Body: viewRun(run)}, nil
}

// create stores the source, its data files, its secrets and the record. The record is returned as it was to be stored even if that failed.
func (s *Service) create(ctx context.Context, req Request, plan load.Plan, key string) (load.Run, error) {
	source, err := s.store(ctx, req)
	if err != nil {
		return load.Run{}, err
	}
	run, err := newRun(req, plan, source, key)
	if err != nil {
		return run, err
	}
	if err := s.storeSecrets(ctx, run.ID, req.secrets()); err != nil {
		return run, err
	}
	run.CreatedAt = s.deps.Clock.Now()
	stored, err := s.deps.Runs.Create(ctx, run)
	if err != nil {
		return run, fmt.Errorf("store run %s: %w", run.ID, err)
	}
	s.deps.Logger.Info("run accepted", "run", run.ID, "scenario", plan.Scenario, "target", plan.Target)
	return stored, nil
}

// store stores the source and its data files.
func (s *Service) store(ctx context.Context, req Request) (source load.Source, err error) {
	source.File, source.Env = req.File, load.Environment(req.Env).Names()
	if source.SHA256, err = s.deps.Scenarios.Put(ctx, []byte(req.Source)); err != nil {
		return source, fmt.Errorf("store the scenario: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(req.Files)) {
		sha256, err := s.deps.Scenarios.Put(ctx, []byte(req.Files[name]))
		if err != nil {
			return source, fmt.Errorf("store data file %s: %w", name, err)
		}
		source.Files = append(source.Files, load.DataFile{Name: name, SHA256: sha256})
	}
	return source, nil
}

// storeSecrets stores the secrets of a run, if it has some.
func (s *Service) storeSecrets(ctx context.Context, run string, secrets load.Secrets) error {
	if !secrets.Any() {
		return nil
	}
	err := s.deps.Secrets.Put(ctx, run, secrets)
	switch {
	case errors.Is(err, load.ErrConflict):
		return newProblem(http.StatusConflict, "Idempotency-Key",
			"Idempotency-Key: it was used before with another environment or other credentials, for run "+run)
	case err != nil:
		return fmt.Errorf("store the secrets of run %s: %w", run, err)
	}
	return nil
}

// repeated finds the run that the idempotency key of want has made, and refuses the request if it was another one.
func (s *Service) repeated(ctx context.Context, want load.Run) (load.Run, error) {
	run, err := s.run(ctx, want.ID)
	if err != nil {
		return run, err
	}
	if want.HasSecrets() && (run.State.Final() || !run.HasSecrets()) {
		// The request has stored its secrets for a run that will not take them along.
		if err := s.deps.Secrets.Delete(ctx, run.ID); err != nil {
			return run, fmt.Errorf("delete the secrets of run %s: %w", run.ID, err)
		}
	}
	if !bytes.Equal(fingerprint(run), fingerprint(want)) {
		return run, newProblem(http.StatusConflict, "Idempotency-Key",
			"Idempotency-Key: it was used before with another request, for run "+run.ID)
	}
	return run, nil
}

// fingerprint is what a request decides about a run.
func fingerprint(run load.Run) []byte {
	v := viewRun(run)
	v = Run{ID: v.ID, File: v.File, SHA256: v.SHA256, DataFiles: v.DataFiles, Env: v.Env, Pool: v.Pool, Generators: v.Generators, Plan: v.Plan}
	b, _ := json.Marshal(v) //nolint:errchkjson // plain values; stored plans hold no NaN
	return b
}

// describeSubmit completes the OpenAPI document where one operation takes two kinds of bodies and gives two answers.
func describeSubmit(api huma.API) {
	doc := api.OpenAPI()
	reg := doc.Components.Schemas
	op := doc.Paths["/v1/runs"].Post
	request := &huma.MediaType{Schema: reg.Schema(typeOf[Request](), true, "Request")}
	op.RequestBody = &huma.RequestBody{
		Required: true,
		Description: "In a form each field that is not a text holds the JSON of its value, " +
			"and source may be a file part, which gives the file its name. " +
			"Each data file may be a file part called files, whose file name is the one that the scenario reads it by.",
		Content: map[string]*huma.MediaType{"application/json": request, "multipart/form-data": request},
	}
	answer := func(description, name string, schema *huma.Schema) *huma.Response {
		return &huma.Response{Description: description, Content: map[string]*huma.MediaType{name: {Schema: schema}}}
	}
	run := reg.Schema(typeOf[Run](), true, "Run")
	plan := reg.Schema(typeOf[Plan](), true, "Plan")
	op.Responses["201"] = answer("The run was accepted", "application/json", run)
	op.Responses["200"] = answer("The plan (dry_run), or the run of an earlier request with the same key", "application/json",
		&huma.Schema{OneOf: []*huma.Schema{plan, run}})
}
