package wire

import (
	"encoding/json"

	"github.com/loadpilot/loadpilot/shared/load"
)

// The kinds of messages on the state subject of a run, beside those of decisions.
const (
	kindResult = "result"
	kindPart   = "result_part"
)

type state struct {
	header

	Kind        string          `json:"kind"`
	Run         string          `json:"run"`
	Epoch       uint64          `json:"epoch,omitempty"`        // own
	Second      *int            `json:"second,omitempty"`       // close
	NeverIssued *int64          `json:"never_issued,omitempty"` // close
	Through     *uint64         `json:"through,omitempty"`      // end
	Result      json.RawMessage `json:"result,omitempty"`       // result that fits into one message
	Parts       []uint64        `json:"parts,omitempty"`        // result that does not: the sequences of its parts
	Part        []byte          `json:"part,omitempty"`         // result_part
}

// State is a message on the state subject of a run. Exactly one of its fields is set.
type State struct {
	Decision *load.Decision
	Result   []byte   // the final JSON
	Parts    []uint64 // stream sequences of the parts of the final JSON, in order
	Part     []byte   // one of these parts
}

// EncodeDecision writes a decision of an aggregator.
func EncodeDecision(d load.Decision) ([]byte, error) {
	w := state{header: header{Version}, Kind: string(d.Kind), Run: d.Run}
	switch d.Kind {
	case load.DecisionOwn:
		w.Epoch = d.Epoch
	case load.DecisionClose:
		w.Second, w.NeverIssued = &d.Second, &d.NeverIssued
	case load.DecisionEnd:
		w.Through = &d.Through
	default:
		return nil, malformed("decision", "kind %q", d.Kind)
	}
	return encode(w)
}

// EncodeResult writes the final JSON of a run.
func EncodeResult(run string, result []byte) ([]byte, error) {
	return encode(state{header: header{Version}, Kind: kindResult, Run: run, Result: result})
}

// EncodePart writes a part of a final JSON that is too large for one message.
func EncodePart(run string, part []byte) ([]byte, error) {
	return encode(state{header: header{Version}, Kind: kindPart, Run: run, Part: part})
}

// EncodeParts writes of which parts, by their stream sequences, the final JSON of a run consists.
func EncodeParts(run string, parts []uint64) ([]byte, error) {
	return encode(state{header: header{Version}, Kind: kindResult, Run: run, Parts: parts})
}

// DecodeState reads a message of the state subject. It fails with ErrVersion or ErrMalformed.
func DecodeState(data []byte) (State, error) {
	var w state
	if err := decode("state", data, &w); err != nil {
		return State{}, err
	}
	if !Name(w.Run) {
		return State{}, malformed("state", "run %q", w.Run)
	}
	d := &load.Decision{Run: w.Run, Kind: load.DecisionKind(w.Kind)}
	switch {
	case d.Kind == load.DecisionOwn && w.Epoch > 0:
		d.Epoch = w.Epoch
		return State{Decision: d}, nil
	case d.Kind == load.DecisionClose && w.Second != nil && *w.Second >= 0 && w.NeverIssued != nil && *w.NeverIssued >= 0:
		d.Second, d.NeverIssued = *w.Second, *w.NeverIssued
		return State{Decision: d}, nil
	case d.Kind == load.DecisionEnd && w.Through != nil:
		d.Through = *w.Through
		return State{Decision: d}, nil
	case w.Kind == kindResult && len(w.Result) > 0:
		return State{Result: w.Result}, nil
	case w.Kind == kindResult && len(w.Parts) > 0:
		return State{Parts: w.Parts}, nil
	case w.Kind == kindPart && len(w.Part) > 0:
		return State{Part: w.Part}, nil
	}
	return State{}, malformed("state", "kind %q lacks what it should say", w.Kind)
}
