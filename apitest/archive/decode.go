package archive

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// decode decodes all of a result.
func decode(text []byte) (*run.Result, error) {
	var r run.Result
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, err
	}
	return &r, nil
}

// decodeHead decodes of a result what its Summary and its Config.Key need. That stands before all that is long, so that little of
// it is read.
func decodeHead(from io.Reader) (*run.Result, error) {
	var r run.Result
	needed := map[string]any{
		"test_id": &r.TestID, "state": &r.State, "mode": &r.Mode, "configuration": &r.Config, "started_at": &r.StartedAt, "metrics": &r.Metrics,
	}
	decoder := json.NewDecoder(from)
	if brace, err := decoder.Token(); err != nil || brace != json.Delim('{') {
		return nil, errors.Join(errors.New("not a result"), err)
	}
	for len(needed) > 0 {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, errors.New("something is missing")
		}
		value, ok := needed[name]
		if !ok {
			value = new(json.RawMessage)
		}
		if err := decoder.Decode(value); err != nil {
			return nil, err
		}
		delete(needed, name)
	}
	return &r, nil
}
