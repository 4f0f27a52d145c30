package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// ScenarioFile is a scenario file that the gateway offers: what POST /v1/runs takes, without a target.
type ScenarioFile struct {
	File   string            `json:"file"`
	Source string            `json:"source"`
	Files  map[string]string `json:"files,omitempty" doc:"The data files that it reads, unless they are long"`
}

// maxOffered is the total length of the data files that are sent along with a scenario file, in bytes.
const maxOffered = 1 << 20

type scenariosOutput struct {
	Body struct {
		Scenarios []ScenarioFile `json:"scenarios"`
	}
}

// scenarios lists the scenario files, when its turn comes: they may be many.
func (s *Service) scenarios(ctx context.Context, _ *struct{}) (*scenariosOutput, error) {
	out := &scenariosOutput{}
	out.Body.Scenarios = []ScenarioFile{}
	if s.cfg.Scenarios == nil {
		return out, nil
	}
	select {
	case s.listing <- struct{}{}:
		defer func() { <-s.listing }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait to list the scenario files: %w", ctx.Err())
	}
	entries, err := fs.ReadDir(s.cfg.Scenarios, ".")
	if err != nil {
		return nil, fmt.Errorf("list the scenario files: %w", err)
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("list the scenario files: %w", err)
		}
		name := entry.Name()
		info, err := fs.Stat(s.cfg.Scenarios, name)
		if path.Ext(name) != ".py" || err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
			continue
		}
		source, err := fs.ReadFile(s.cfg.Scenarios, name)
		if err != nil {
			continue // it has gone, or is nothing for this process
		}
		out.Body.Scenarios = append(out.Body.Scenarios, ScenarioFile{name, string(source), s.dataFiles(name, source)})
	}
	return out, nil
}

// dataFiles reads the data files of a scenario file: none if one cannot be read, or if they are long together.
func (s *Service) dataFiles(file string, source []byte) map[string]string {
	names, err := scenario.DataFiles(file, source)
	if err != nil {
		return nil
	}
	total := int64(0)
	for _, name := range names {
		info, err := fs.Stat(s.cfg.Scenarios, name)
		if err != nil || !info.Mode().IsRegular() {
			return nil
		}
		if total += info.Size(); total > maxOffered {
			return nil
		}
	}
	files := map[string]string{}
	for _, name := range names {
		text, err := fs.ReadFile(s.cfg.Scenarios, name)
		if err != nil {
			return nil
		}
		files[name] = string(text)
	}
	return files
}

// APIResult is something of API load tests exactly as it was stored.
type APIResult json.RawMessage

// MarshalJSON returns the JSON as it is.
func (r APIResult) MarshalJSON() ([]byte, error) { return json.RawMessage(r).MarshalJSON() }

// Schema describes a result for the OpenAPI document; docs/api-load-test.schema.json has the details.
func (APIResult) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true, Description: "As in api-load-test.schema.json"}
}

// APISummaries are rows of API load tests exactly as they were stored.
type APISummaries json.RawMessage

// MarshalJSON returns the JSON as it is.
func (r APISummaries) MarshalJSON() ([]byte, error) { return json.RawMessage(r).MarshalJSON() }

// Schema describes the rows for the OpenAPI document.
func (APISummaries) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true}}
}

type apiTestsInput struct {
	Limit int `query:"limit" default:"50" minimum:"1" maximum:"1000" doc:"How many tests at most"`
}

type apiTestsOutput struct {
	Body struct {
		Tests APISummaries `json:"tests"`
	}
}

// apiTests lists the API load tests, the newest first.
func (s *Service) apiTests(ctx context.Context, in *apiTestsInput) (*apiTestsOutput, error) {
	out := &apiTestsOutput{}
	out.Body.Tests = APISummaries("[]")
	if s.deps.APITests == nil {
		return out, nil
	}
	tests, err := s.deps.APITests.Recent(ctx, in.Limit)
	if err != nil {
		return nil, fmt.Errorf("list the API load tests: %w", err)
	}
	out.Body.Tests = tests
	return out, nil
}

type apiTestInput struct {
	ID string `path:"id" doc:"Test id" maxLength:"64" pattern:"^[A-Za-z0-9_-]+$"`
}

type apiTestOutput struct {
	Body APIResult
}

// apiTest tells the result of an API load test.
func (s *Service) apiTest(ctx context.Context, in *apiTestInput) (*apiTestOutput, error) {
	err := load.ErrNotFound
	var result []byte
	if s.deps.APITests != nil {
		result, err = s.deps.APITests.Result(ctx, in.ID)
	}
	switch {
	case errors.Is(err, load.ErrNotFound):
		return nil, newProblem(http.StatusNotFound, "", "no API load test "+in.ID)
	case err != nil:
		return nil, fmt.Errorf("API load test %s: %w", in.ID, err)
	}
	return &apiTestOutput{Body: result}, nil
}
