package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Problem is an error answer, an application/problem+json document as RFC 9457 has it.
type Problem struct {
	Title   string   `json:"title"`
	Status  int      `json:"status"`
	Detail  string   `json:"detail" doc:"What is wrong, for people; of a scenario with the source line and a caret"`
	Field   string   `json:"field,omitempty" doc:"The field of the request that is wrong"`
	File    string   `json:"file,omitempty" doc:"Where the scenario is wrong"`
	Line    int      `json:"line,omitempty" doc:"Counted from 1"`
	Column  int      `json:"column,omitempty" doc:"Counted from 1"`
	Text    string   `json:"text,omitempty" doc:"The source line"`
	Choices []string `json:"choices,omitempty" doc:"What the field may be"`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType names the media type of the document.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// statusOf is the one table from errors to HTTP; the first match counts. A detail of "" is that of the error: the client made
// it. The others are for the log, and what caused them is no matter of the client's.
var statusOf = []struct {
	err    error
	status int
	detail string
}{
	{load.ErrInvalid, http.StatusUnprocessableEntity, ""},
	{load.ErrConflict, http.StatusConflict, "the run was changed at the same time; try again"},
	{load.ErrUnavailable, http.StatusServiceUnavailable, "NATS does not answer; try again later"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "the gateway has too much to do; try again later"},
}

// internalError is told of what the client cannot know about.
const internalError = "the gateway failed; its log says why"

// problem turns an error into the answer for it. What the client cannot know about is logged and not told.
func (s *Service) problem(err error) error {
	if ready, ok := errors.AsType[*Problem](err); ok {
		return ready
	}
	p := newProblem(http.StatusInternalServerError, "", internalError)
	for _, row := range statusOf {
		if errors.Is(err, row.err) {
			p = newProblem(row.status, "", cmp.Or(row.detail, err.Error()))
			break
		}
	}
	if p.Status >= http.StatusInternalServerError {
		s.deps.Logger.Error("request failed", "error", err)
	}
	if field, ok := errors.AsType[*load.FieldError](err); ok {
		p.Field = field.Field
	}
	if wrong, ok := errors.AsType[*scenario.Error](err); ok {
		p.Field = cmp.Or(wrong.Field, "source")
		p.Detail = wrong.Error()
		p.File, p.Line, p.Column, p.Text = wrong.File, wrong.Line, wrong.Col, wrong.Text
	}
	return p
}

func newProblem(status int, field, detail string) *Problem {
	return &Problem{Title: http.StatusText(status), Status: status, Field: field, Detail: detail}
}

// masked takes the values of an environment out of an answer: scripts show them in what they fail with.
func masked(err error, mask *strings.Replacer) error {
	p, ok := errors.AsType[*Problem](err)
	if !ok {
		return err
	}
	clean := *p
	clean.Detail, clean.Choices = mask.Replace(p.Detail), nil
	for _, choice := range p.Choices {
		clean.Choices = append(clean.Choices, mask.Replace(choice))
	}
	return &clean
}

// asProblem turns what the API framework finds wrong with a request into a problem that names the first wrong field.
func asProblem(_ huma.Context, _ string, body any) (any, error) {
	model, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	p := newProblem(model.Status, "", model.Detail)
	var details []string
	for _, wrong := range model.Errors {
		_, field, _ := strings.Cut(wrong.Location, ".") // query.limit, path.id
		p.Field = cmp.Or(p.Field, field)
		details = append(details, strings.TrimPrefix(field+": "+wrong.Message, ": "))
	}
	if len(details) > 0 {
		p.Detail = strings.Join(details, "; ")
	}
	return p, nil
}

// writeProblem answers where the API framework does not.
func writeProblem(w http.ResponseWriter, p *Problem) {
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) //nolint:errchkjson // the client has gone
}

// problems documents the error answers of an operation.
func problems(registry huma.Registry, statuses ...int) map[string]*huma.Response {
	schema := registry.Schema(typeOf[Problem](), true, "Problem")
	out := map[string]*huma.Response{}
	for _, status := range statuses {
		out[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: schema}},
		}
	}
	return out
}
