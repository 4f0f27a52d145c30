package wire

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

type event struct {
	header

	Run        string          `json:"run"`
	Generator  string          `json:"generator"`
	Instance   string          `json:"instance"`
	Seq        uint64          `json:"seq"`
	Users      int             `json:"users"`
	InFlight   int             `json:"in_flight"`
	CPUPercent float64         `json:"cpu_percent"`
	ClockError int64           `json:"clock_error_us"`
	Tokens     []tokenReport   `json:"tokens"`
	Tasks      []taskReport    `json:"tasks"`
	Measures   []measureReport `json:"measures,omitempty"`
	Lag        distribution    `json:"lag,omitzero"`

	Connections connections        `json:"connections,omitzero"`
	Setup       setup              `json:"setup,omitzero"`
	Samples     []load.ErrorSample `json:"samples,omitempty"`
}

type tokenReport struct {
	Second  int             `json:"second"`
	Slice   int             `json:"slice"`
	Planned int64           `json:"planned"`
	Started int64           `json:"started"`
	Dropped int64           `json:"dropped"`
	Reason  load.DropReason `json:"reason,omitempty"`
	Final   bool            `json:"final"`
}

type taskReport struct {
	Second     int                        `json:"second"`
	Task       string                     `json:"task"`
	Iterations int64                      `json:"iterations"`
	Requests   int64                      `json:"requests"`
	Failed     int64                      `json:"failed"`
	Status     map[int]int64              `json:"status,omitempty"`
	Errors     map[string]int64           `json:"errors,omitempty"`
	Checks     map[string]load.CheckCount `json:"checks,omitempty"`
	BytesIn    int64                      `json:"bytes_in"`
	BytesOut   int64                      `json:"bytes_out"`
	Response   distribution               `json:"response,omitzero"`
	Service    distribution               `json:"service,omitzero"`
	FailedHDR  distribution               `json:"failed_hdr,omitzero"`
}

// measureReport has a sum if it is of a counter or gauge, a minimum and a maximum if it is of a gauge, and times otherwise.
type measureReport struct {
	measure

	Count  int64        `json:"count"`
	Failed int64        `json:"failed,omitempty"`
	Sum    float64      `json:"sum,omitempty"`
	Min    float64      `json:"min,omitempty"`
	Max    float64      `json:"max,omitempty"`
	Times  distribution `json:"times,omitzero"`
}

// setup is not empty when on_start and on_stop did something since the event before.
type setup struct {
	Started  int64            `json:"started"`
	Failed   int64            `json:"failed"`
	Requests int64            `json:"requests"`
	Errors   map[string]int64 `json:"errors,omitempty"`
	Response distribution     `json:"response,omitzero"`

	Connections connections `json:"connections,omitzero"`
}

// IsZero makes encoding/json leave an empty setup out.
func (s setup) IsZero() bool {
	return s.Started == 0 && s.Failed == 0 && s.Requests == 0 && len(s.Errors) == 0 && s.Response == distribution{} &&
		s.Connections == connections{}
}

type connections struct {
	Opened     int64        `json:"opened"`
	Reused     int64        `json:"reused"`
	Failed     int64        `json:"failed,omitzero"`
	Refused    int64        `json:"refused,omitzero"`
	ClosedIdle int64        `json:"closed_idle,omitzero"`
	DNS        distribution `json:"dns,omitzero"`
	Connect    distribution `json:"connect,omitzero"`
	TLS        distribution `json:"tls,omitzero"`
	FirstByte  distribution `json:"first_byte,omitzero"`
	Transfer   distribution `json:"transfer,omitzero"`
}

func fromConnections(r load.ConnectionReport) connections {
	return connections{
		Opened: r.Opened, Reused: r.Reused, Failed: r.Failed, Refused: r.Refused, ClosedIdle: r.ClosedIdle,
		DNS: fromSnapshot(r.DNS), Connect: fromSnapshot(r.Connect), TLS: fromSnapshot(r.TLS),
		FirstByte: fromSnapshot(r.FirstByte), Transfer: fromSnapshot(r.Transfer),
	}
}

func (c *connections) report() load.ConnectionReport {
	return load.ConnectionReport{
		Opened: c.Opened, Reused: c.Reused, Failed: c.Failed, Refused: c.Refused, ClosedIdle: c.ClosedIdle,
		DNS: c.DNS.snapshot(), Connect: c.Connect.snapshot(), TLS: c.TLS.snapshot(),
		FirstByte: c.FirstByte.snapshot(), Transfer: c.Transfer.snapshot(),
	}
}

func (c *connections) check() error {
	if min(c.Opened, c.Reused, c.Failed, c.Refused, c.ClosedIdle) < 0 {
		return malformed("event", "connections: opened %d, reused %d, failed %d, refused %d, closed_idle %d",
			c.Opened, c.Reused, c.Failed, c.Refused, c.ClosedIdle)
	}
	return nil
}

// EncodeEvent writes a latency event. It fails with ErrMalformed for one that DecodeEvent would refuse.
func EncodeEvent(e load.Event) ([]byte, error) {
	w := event{
		header: header{Version},
		Run:    e.Run, Generator: e.Generator, Instance: e.Instance, Seq: e.Seq, Users: e.Users, InFlight: e.InFlight,
		CPUPercent: e.CPUPercent, ClockError: micros(e.ClockError),
		Tokens: make([]tokenReport, len(e.Tokens)), Tasks: make([]taskReport, len(e.Tasks)),
		Lag: fromSnapshot(e.Lag), Connections: fromConnections(e.Connections), Samples: e.Samples,
		Setup: setup{
			Started: e.Setup.Started, Failed: e.Setup.Failed, Requests: e.Setup.Requests, Errors: e.Setup.Errors,
			Response: fromSnapshot(e.Setup.Response), Connections: fromConnections(e.Setup.Connections),
		},
	}
	for i, t := range e.Tokens {
		w.Tokens[i] = tokenReport(t)
	}
	for i, t := range e.Tasks {
		w.Tasks[i] = taskReport{
			Second: t.Second, Task: t.Task, Iterations: t.Iterations, Requests: t.Requests, Failed: t.Failed,
			Status: t.Status, Errors: t.Errors, Checks: t.Checks, BytesIn: t.BytesIn, BytesOut: t.BytesOut,
			Response: fromSnapshot(t.Response), Service: fromSnapshot(t.Service), FailedHDR: fromSnapshot(t.FailedTime),
		}
	}
	for _, m := range e.Measures {
		w.Measures = append(w.Measures, measureReport{
			measure: measure(m.MeasureName), Count: m.Count, Failed: m.Failed, Sum: m.Sum, Min: m.Min, Max: m.Max,
			Times: fromSnapshot(m.Times),
		})
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	return encode(w)
}

// DecodeEvent reads a latency event. It fails with ErrVersion or ErrMalformed.
func DecodeEvent(data []byte) (load.Event, error) {
	var w event
	if err := decode("event", data, &w); err != nil {
		return load.Event{}, err
	}
	if err := w.check(); err != nil {
		return load.Event{}, err
	}
	e := load.Event{
		Run: w.Run, Generator: w.Generator, Instance: w.Instance, Seq: w.Seq, Users: w.Users, InFlight: w.InFlight,
		CPUPercent: w.CPUPercent, ClockError: time.Duration(w.ClockError) * time.Microsecond,
		Lag: w.Lag.snapshot(), Connections: w.Connections.report(), Samples: w.Samples,
		Setup: load.SetupReport{
			Started: w.Setup.Started, Failed: w.Setup.Failed, Requests: w.Setup.Requests, Errors: w.Setup.Errors,
			Response: w.Setup.Response.snapshot(), Connections: w.Setup.Connections.report(),
		},
		Tokens: make([]load.TokenReport, len(w.Tokens)), Tasks: make([]load.TaskReport, len(w.Tasks)),
	}
	for i, t := range w.Tokens {
		e.Tokens[i] = load.TokenReport(t)
	}
	for i, t := range w.Tasks {
		e.Tasks[i] = load.TaskReport{
			Second: t.Second, Task: t.Task, Iterations: t.Iterations, Requests: t.Requests, Failed: t.Failed,
			Status: t.Status, Errors: t.Errors, Checks: t.Checks, BytesIn: t.BytesIn, BytesOut: t.BytesOut,
			Response: t.Response.snapshot(), Service: t.Service.snapshot(), FailedTime: t.FailedHDR.snapshot(),
		}
	}
	for _, m := range w.Measures {
		e.Measures = append(e.Measures, load.MeasureReport{
			MeasureName: load.MeasureName(m.measure), Count: m.Count, Failed: m.Failed, Sum: m.Sum, Min: m.Min, Max: m.Max,
			Times: m.Times.snapshot(),
		})
	}
	return e, nil
}

// maxClockError keeps microseconds within a time.Duration.
const maxClockError = int64(load.MaxDuration / time.Microsecond)

func (e *event) check() error {
	switch {
	case !Name(e.Run):
		return malformed("event", "run %q", e.Run)
	case !Name(e.Generator):
		return malformed("event", "generator %q", e.Generator)
	case e.Instance == "":
		return malformed("event", "no instance")
	case e.Seq == 0:
		return malformed("event", "seq 0")
	case e.ClockError < 0 || e.ClockError > maxClockError:
		return malformed("event", "clock_error_us %d", e.ClockError)
	}
	for _, t := range e.Tokens {
		switch {
		case t.Second < 0 || t.Second > maxSeconds || t.Slice < 0 || t.Slice >= maxSlices:
			return malformed("event", "token %d/%d", t.Second, t.Slice)
		case t.Planned < 0 || t.Started < 0 || t.Dropped < 0:
			return malformed("event", "token %d/%d: planned %d, started %d, dropped %d", t.Second, t.Slice, t.Planned, t.Started, t.Dropped)
		}
	}
	for _, c := range []*connections{&e.Connections, &e.Setup.Connections} {
		if err := c.check(); err != nil {
			return err
		}
	}
	for _, m := range e.Measures {
		switch {
		case !m.Kind.Known() || m.Name == "":
			return malformed("event", "measure %q of kind %q", m.Name, m.Kind)
		case m.Count < 0 || m.Failed < 0:
			return malformed("event", "measure %q: count %d, failed %d", m.Name, m.Count, m.Failed)
		}
	}
	for _, t := range e.Tasks {
		switch {
		case t.Second < 0 || t.Second > maxSeconds:
			return malformed("event", "task %q: second %d", t.Task, t.Second)
		case t.Iterations < 0 || t.Requests < 0 || t.Failed < 0:
			return malformed("event", "task %q: iterations %d, requests %d, failed %d", t.Task, t.Iterations, t.Requests, t.Failed)
		}
	}
	return nil
}
