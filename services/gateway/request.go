package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Request is what POST /v1/runs takes: a scenario, a target, and values that override those of the scenario. The names are
// those of the command line's flags; durations are texts such as "250ms" or "1m30s".
type Request struct {
	Source       string            `json:"source" doc:"The scenario file's text"`
	File         string            `json:"file,omitempty" doc:"Its name, for messages" example:"checkout.py"`
	Files        map[string]string `json:"files,omitempty" doc:"Texts of the data files, by the names that the scenario reads them by"`
	Env          map[string]string `json:"env,omitempty" writeOnly:"true" doc:"What the scenario sees as os.environ: secrets, which no answer shows and which are deleted when the run ends"`
	Scenario     string            `json:"scenario,omitempty" doc:"Needed if the file has several"`
	Target       string            `json:"target" doc:"Base URL of the service under test" example:"http://127.0.0.1:8000"`
	RPS          *float64          `json:"rps,omitempty" doc:"Iterations per second at the peak"`
	Duration     string            `json:"duration,omitempty" example:"1m"`
	RampUp       string            `json:"ramp_up,omitempty" example:"10s"`
	Mode         string            `json:"mode,omitempty" enum:"ramp,constant,step,spike,stages"`
	Steps        *int              `json:"steps,omitempty"`
	Stages       []Stage           `json:"stages,omitempty" doc:"Implies mode stages"`
	Thresholds   Limits            `json:"thresholds,omitempty"`
	Users        *int              `json:"users,omitempty" doc:"Users prepared on each generator before the start"`
	MaxUsers     *int              `json:"max_users,omitempty" doc:"Most users of each generator"`
	MaxLag       string            `json:"max_lag,omitempty" doc:"How late an iteration may start" example:"250ms"`
	Timeout      string            `json:"timeout,omitempty" doc:"Of one request" example:"30s"`
	GracefulStop string            `json:"graceful_stop,omitempty" doc:"For iterations under way at the end" example:"30s"`
	Warmup       string            `json:"warmup,omitempty" doc:"Whole seconds at the beginning whose iterations are in no number of the run" example:"10s"`
	Seed         *uint64           `json:"seed,omitempty" doc:"Of the scripts' random numbers; random if absent"`
	Pool         string            `json:"pool,omitempty" doc:"The generators that work on the run" example:"default"`
	Generators   int               `json:"generators,omitempty" minimum:"0" doc:"How many of them the start waits for, at least 1"`

	Transport
}

// Stage is one piece of a free profile: the rate moves linearly to rps over duration.
type Stage struct {
	Duration string  `json:"duration" example:"10s"`
	RPS      float64 `json:"rps"`
}

// maxSource is the length of the longest scenario source, in bytes.
const maxSource = 4 << 20

// filesField is the field that holds the data files. In a form each may be a part of its own.
const filesField = "files"

// defaultFile names a scenario that was sent without a name.
const defaultFile = "scenario.py"

// decodeRequest reads a JSON or a multipart body. A *Problem names what is wrong.
func decodeRequest(contentType string, body []byte) (Request, error) {
	media, params, err := mime.ParseMediaType(contentType)
	switch {
	case contentType == "" || (err == nil && media == "application/json"):
		return decodeJSON(body)
	case err == nil && media == "multipart/form-data":
		return decodeForm(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	default:
		return Request{}, newProblem(http.StatusUnsupportedMediaType, "Content-Type",
			fmt.Sprintf("%q is neither application/json nor multipart/form-data", contentType))
	}
}

func decodeJSON(body []byte) (Request, error) {
	if !utf8.Valid(body) {
		return Request{}, newProblem(http.StatusUnprocessableEntity, "source", "source: the text is not UTF-8")
	}
	var req Request
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(&req)
	if err == nil && dec.More() {
		err = errors.New("there is more after the JSON object")
	}
	if err != nil {
		return Request{}, decodeProblem(err)
	}
	switch {
	case req.Source == "":
		return Request{}, newProblem(http.StatusUnprocessableEntity, "source", "source: the scenario is empty")
	case len(req.Source) > maxSource:
		return Request{}, newProblem(http.StatusRequestEntityTooLarge, "source",
			fmt.Sprintf("source: the scenario has %d bytes, it may have %d MiB", len(req.Source), maxSource>>20))
	}
	req.File = fileName(req.File)
	return req, nil
}

// decodeProblem names the field that could not be read, in the words of the API instead of those of the decoder.
func decodeProblem(err error) *Problem {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) && wrong.Field != "" {
		field := strings.TrimPrefix(wrong.Field, "Transport.") // which is embedded
		return newProblem(http.StatusUnprocessableEntity, field,
			fmt.Sprintf("%s: a %s cannot be a %s", field, wrong.Value, kindName(wrong.Type)))
	}
	if field, ok := errors.AsType[*load.FieldError](err); ok {
		return newProblem(http.StatusUnprocessableEntity, field.Field, field.Error())
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		name = strings.Trim(name, `"`)
		return newProblem(http.StatusUnprocessableEntity, name, name+": there is no such field")
	}
	return newProblem(http.StatusBadRequest, "", "the body is not a JSON object: "+err.Error())
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Slice:
		return "list"
	case reflect.Map, reflect.Struct:
		return "object"
	case reflect.Float64:
		return "number"
	case reflect.Bool:
		return "boolean"
	default:
		return "whole number"
	}
}

// decodeForm reads form fields: a field that is text in JSON is taken as it is, any other holds the JSON of its value. The
// scenario may be a file part called source, and each data file one called files.
func decodeForm(form *multipart.Reader) (Request, error) {
	text := textFields()
	object, files := map[string]json.RawMessage{}, map[string]string{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return decodeParts(object, files)
		}
		if err != nil {
			return Request{}, newProblem(http.StatusBadRequest, "", "the body is not a form: "+err.Error())
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return Request{}, newProblem(http.StatusBadRequest, part.FormName(), "the body is not a form: "+err.Error())
		}
		if name := dataFileName(part); name != "" {
			if _, twice := files[name]; twice {
				return Request{}, newProblem(http.StatusUnprocessableEntity, filesField, fmt.Sprintf("files: there are two called %q", name))
			}
			files[name] = string(value)
			continue
		}
		if !utf8.Valid(value) {
			return Request{}, newProblem(http.StatusUnprocessableEntity, part.FormName(), part.FormName()+": the text is not UTF-8")
		}
		if slices.Contains(text, part.FormName()) || !json.Valid(value) {
			object[part.FormName()] = quoted(string(value))
		} else {
			object[part.FormName()] = value
		}
		if part.FormName() == "source" && part.FileName() != "" && object["file"] == nil {
			object["file"] = quoted(part.FileName())
		}
	}
}

// decodeParts makes a request of the fields of a form and its data files.
func decodeParts(object map[string]json.RawMessage, files map[string]string) (Request, error) {
	body, err := json.Marshal(object)
	if err != nil {
		return Request{}, fmt.Errorf("read the form: %w", err) // each value was valid
	}
	req, err := decodeJSON(body)
	if err != nil {
		return Request{}, err
	}
	maps.Copy(files, req.Files)
	req.Files = files
	return req, nil
}

// dataFileName returns the name of the data file that a part is, "" if it is none. The name may have folders, which
// multipart.Part.FileName takes off.
func dataFileName(part *multipart.Part) string {
	if part.FormName() != filesField {
		return ""
	}
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return ""
	}
	return params["filename"]
}

// textFields lists the fields of a request that are texts.
func textFields() []string {
	var out []string
	for _, f := range reflect.VisibleFields(typeOf[Request]()) {
		if f.Type.Kind() == reflect.String {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
	}
	return out
}

func quoted(s string) json.RawMessage {
	b, _ := json.Marshal(s) //nolint:errchkjson // a string always marshals
	return b
}

// fileName keeps the base name of a path of any system, as far as it can be printed.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' }) {
		return defaultFile
	}
	return name
}

// overrides reads the values that replace those of the scenario.
func (r *Request) overrides() (load.Overrides, error) {
	o := load.Overrides{RPS: r.RPS, Steps: r.Steps, Users: r.Users, MaxUsers: r.MaxUsers, Seed: r.Seed}
	if r.Mode != "" {
		mode := load.Mode(r.Mode)
		o.Mode = &mode
	}
	for _, d := range []struct {
		field, text string
		dst         **time.Duration
	}{
		{"duration", r.Duration, &o.Duration},
		{"ramp_up", r.RampUp, &o.RampUp},
		{"max_lag", r.MaxLag, &o.MaxLag},
		{"timeout", r.Timeout, &o.Timeout},
		{"graceful_stop", r.GracefulStop, &o.GracefulStop},
		{"warmup", r.Warmup, &o.Warmup},
	} {
		if d.text == "" {
			continue
		}
		v, err := parseDuration(d.field, d.text)
		if err != nil {
			return o, err
		}
		*d.dst = &v
	}
	for i, st := range r.Stages {
		v, err := parseDuration("stages", st.Duration)
		if err != nil {
			return o, fmt.Errorf("stage %d: %w", i+1, err)
		}
		o.Stages = append(o.Stages, load.Stage{Duration: v, RPS: st.RPS})
	}
	for _, key := range slices.Sorted(maps.Keys(r.Thresholds)) {
		t, err := r.Thresholds[key].threshold(key)
		if err != nil {
			return o, err
		}
		o.Thresholds = append(o.Thresholds, t)
	}
	return o, nil
}

func parseDuration(field, text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, &load.FieldError{Field: field, Message: fmt.Sprintf("%q is not a duration such as 250ms, 30s or 1m30s", text)}
	}
	return d, nil
}
