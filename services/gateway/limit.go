package gateway

import (
	"bytes"
	"encoding/json"

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

// UnmarshalJSON reads a number or an object.
func (l *Limit) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		*l = Limit{}
		return json.Unmarshal(b, &l.Limit)
	}
	type object Limit
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode((*object)(l))
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

// viewLimit shows the limit of a threshold.
func viewLimit(t load.Threshold) Limit {
	l := Limit{Limit: t.Limit, AbortOnFail: t.Abort}
	if t.Abort {
		l.Delay = t.Delay.String()
	}
	return l
}
