package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Limit is the limit of a threshold: a number, or an object if a breach ends the run.
type Limit struct {
	Limit       float64 `json:"limit"`
	AbortOnFail bool    `json:"abort_on_fail,omitempty" doc:"A breach ends the run"`
	Delay       string  `json:"delay,omitempty" doc:"Of the measured part of the run, before which a breach does not end it; 10s if it is not given" example:"10s"`
}

// MarshalJSON writes a number if that says all.
func (l Limit) MarshalJSON() ([]byte, error) {
	if l == (Limit{Limit: l.Limit}) {
		return json.Marshal(l.Limit)
	}
	type object Limit
	return json.Marshal(object(l))
}

// UnmarshalJSON reads a number or an object. A limit that is missing is none of 0.
func (l *Limit) UnmarshalJSON(b []byte) error {
	var read struct {
		Limit       *float64 `json:"limit"`
		AbortOnFail bool     `json:"abort_on_fail"`
		Delay       string   `json:"delay"`
	}
	var err error
	if bytes.HasPrefix(b, []byte("{")) {
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		err = dec.Decode(&read)
	} else {
		err = json.Unmarshal(b, &read.Limit)
	}
	switch {
	case err != nil:
		return err
	case read.Limit == nil:
		return &load.FieldError{Field: "thresholds", Message: fmt.Sprintf("%s has no limit, which is a number", b)}
	}
	*l = Limit{*read.Limit, read.AbortOnFail, read.Delay}
	return nil
}

// Schema describes both for the OpenAPI document.
func (Limit) Schema(r huma.Registry) *huma.Schema {
	type LimitObject Limit
	return &huma.Schema{OneOf: []*huma.Schema{{Type: huma.TypeNumber}, r.Schema(typeOf[LimitObject](), true, "LimitObject")}}
}

// threshold makes a threshold of a key and its limit.
func (l Limit) threshold(key string) (load.Threshold, error) {
	t, err := load.ParseThreshold(key, l.Limit)
	switch {
	case err != nil:
		return t, err
	case l.AbortOnFail:
		return t.WithAbort(l.Delay)
	case l.Delay != "":
		return t, &load.FieldError{Field: "thresholds", Message: key + ": a delay goes with abort_on_fail only"}
	}
	return t, nil
}

// Limits are the limits of thresholds by their keys.
type Limits map[string]Limit

// UnmarshalJSON reads an object, or a list of thresholds each of which is one text.
func (l *Limits) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("[")) {
		return json.Unmarshal(b, (*map[string]Limit)(l))
	}
	var texts []string
	if err := json.Unmarshal(b, &texts); err != nil {
		return err
	}
	*l = Limits{}
	for _, text := range texts {
		t, err := load.ParseThresholdText(text)
		if err != nil {
			return err
		}
		if _, twice := (*l)[t.Key()]; twice {
			return &load.FieldError{Field: "thresholds", Message: t.Key() + " has two limits"}
		}
		(*l)[t.Key()] = viewLimit(t)
	}
	return nil
}

// Schema describes both for the OpenAPI document.
func (Limits) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{OneOf: []*huma.Schema{
		{Type: huma.TypeObject, AdditionalProperties: Limit{}.Schema(r)},
		{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString}},
	}, Description: "Limits by key: p99_ms, error_rate, browse:p95_ms, …; or a list of texts such as p99_ms < 500, abort_on_fail"}
}

// viewLimit shows the limit of a threshold.
func viewLimit(t load.Threshold) Limit {
	l := Limit{Limit: t.Limit, AbortOnFail: t.Abort}
	if t.Abort {
		l.Delay = t.Delay.String()
	}
	return l
}
