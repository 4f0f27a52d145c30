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
	Owner       string          `json:"owner,omitempty"`        // own
	Number      int             `json:"number,omitempty"`       // fleet
	Second      *int            `json:"second,omitempty"`       // close, fleet; own unless it is 0
	NeverIssued *int64          `json:"never_issued,omitempty"` // close
	Through     *uint64         `json:"through,omitempty"`      // end
	Changes     []fleetChange   `json:"changes,omitempty"`      // fleet
	Result      json.RawMessage `json:"result,omitempty"`       // result that fits into one message
	Parts       []uint64        `json:"parts,omitempty"`        // result that does not: the sequences of its parts
	Part        []byte          `json:"part,omitempty"`         // result_part
}

type fleetChange struct {
	Kind      load.IncidentKind `json:"kind"`
	Generator string            `json:"generator"`
	Instance  string            `json:"instance"`
	Reason    string            `json:"reason,omitempty"`
}

// State is a message on the state subject of a run. Exactly one of its fields is set.
type State struct {
	Decision *load.Decision
	Result   []byte   // the final JSON
	Parts    []uint64 // stream sequences of the parts of the final JSON, in order
	Part     []byte   // one of these parts
}

// EncodeDecision writes a decision of an aggregator. It fails with ErrMalformed for one of which nobody could tell what it says.
func EncodeDecision(d load.Decision) ([]byte, error) {
	w := state{header: header{Version}, Kind: string(d.Kind), Run: d.Run}
	switch d.Kind {
	case load.DecisionOwn:
		if d.Owner == "" {
			return nil, malformed("decision", "mark without an owner")
		}
		w.Epoch, w.Owner = d.Epoch, d.Owner
		if d.Second > 0 {
			w.Second = &d.Second
		}
	case load.DecisionFleet:
		if err := checkFleet(d); err != nil {
			return nil, err
		}
		w.Number, w.Second, w.Changes = d.Number, &d.Second, make([]fleetChange, len(d.Changes))
		for i, c := range d.Changes {
			w.Changes[i] = fleetChange(c)
		}
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
	switch {
	case w.Kind == kindResult && len(w.Result) > 0:
		return State{Result: w.Result}, nil
	case w.Kind == kindResult && len(w.Parts) > 0:
		return State{Parts: w.Parts}, nil
	case w.Kind == kindPart && len(w.Part) > 0:
		return State{Part: w.Part}, nil
	}
	d, err := w.decision()
	return State{Decision: d}, err
}

// decision reads what one kind of decision says, and ignores what others do.
func (w *state) decision() (*load.Decision, error) {
	d := &load.Decision{Run: w.Run, Kind: load.DecisionKind(w.Kind)}
	switch {
	case d.Kind == load.DecisionOwn && w.Epoch > 0 && w.Owner != "" && (w.Second == nil || *w.Second >= 0):
		d.Epoch, d.Owner = w.Epoch, w.Owner
		if w.Second != nil {
			d.Second = *w.Second
		}
	case d.Kind == load.DecisionClose && w.Second != nil && *w.Second >= 0 && w.NeverIssued != nil && *w.NeverIssued >= 0:
		d.Second, d.NeverIssued = *w.Second, *w.NeverIssued
	case d.Kind == load.DecisionEnd && w.Through != nil:
		d.Through = *w.Through
	case d.Kind == load.DecisionFleet && w.Second != nil:
		d.Number, d.Second, d.Changes = w.Number, *w.Second, make([]load.FleetChange, len(w.Changes))
		for i, c := range w.Changes {
			d.Changes[i] = load.FleetChange(c)
		}
		if err := checkFleet(*d); err != nil {
			return nil, err
		}
	default:
		return nil, malformed("state", "kind %q lacks what it should say", w.Kind)
	}
	return d, nil
}

// checkFleet refuses a fleet decision that does not say who came or went.
func checkFleet(d load.Decision) error {
	switch {
	case d.Number < 1:
		return malformed("state", "fleet decision number %d", d.Number)
	case d.Second < 0 || d.Second > maxSeconds:
		return malformed("state", "fleet decision of second %d", d.Second)
	case len(d.Changes) == 0 || len(d.Changes) > load.MaxFleetChanges:
		return malformed("state", "fleet decision with %d changes", len(d.Changes))
	}
	for _, c := range d.Changes {
		switch c.Kind {
		case load.IncidentJoined, load.IncidentLeft, load.IncidentLost, load.IncidentReturned:
		default:
			return malformed("state", "change of kind %q", c.Kind)
		}
		if !Name(c.Generator) {
			return malformed("state", "generator %q", c.Generator)
		}
		if c.Instance == "" {
			return malformed("state", "generator %s without an instance", c.Generator)
		}
	}
	return nil
}
