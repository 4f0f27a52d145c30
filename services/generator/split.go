package generator

import (
	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// maxEvent is the size above which an event is split, half of what the bus takes. Sizes are estimates of the event's text,
// on the high side.
const maxEvent = 512 << 10

const (
	sizeHead    = 2_000
	sizeToken   = 120
	sizeTask    = 700
	sizeSample  = 200
	sizeMeasure = 400
	sizeCount   = 40 // one entry of a map
	sizeLinks   = 1_200

	sizeEscaped = 6 // the longest that JSON makes of a byte
)

// split cuts an event into parts of at most about maxEvent. The tokens come before the tasks, so that no prefix of the parts
// reports more iterations completed than started.
func split(e *load.Event) []load.Event {
	rest := *e
	rest.Tokens, rest.Tasks, rest.Measures, rest.Samples = nil, nil, nil, nil
	s := splitter{parts: []load.Event{rest}, rest: rest, size: sizeHead + len(e.Lag.HDR) + connectionSize(&e.Connections) + setupSize(e.Setup)}
	// What is told once, in the first part, must not be added up twice.
	s.rest.Lag, s.rest.Connections, s.rest.Setup = histogram.Snapshot{}, load.ConnectionReport{}, load.SetupReport{}
	for _, t := range e.Tokens {
		part := s.part(sizeToken)
		part.Tokens = append(part.Tokens, t)
	}
	for _, t := range e.Tasks {
		part := s.part(taskSize(t))
		part.Tasks = append(part.Tasks, t)
	}
	for _, m := range e.Measures {
		part := s.part(sizeMeasure + sizeEscaped*len(m.Name) + len(m.Times.HDR))
		part.Measures = append(part.Measures, m)
	}
	for _, x := range e.Samples {
		part := s.part(sizeSample + sizeEscaped*len(x.Message))
		part.Samples = append(part.Samples, x)
	}
	return s.parts
}

type splitter struct {
	parts []load.Event
	rest  load.Event // how a further part begins
	size  int        // of the last part
}

// part returns the part that has room for n more bytes.
func (s *splitter) part(n int) *load.Event {
	if s.size+n > maxEvent {
		s.parts = append(s.parts, s.rest)
		s.size = sizeHead
	}
	s.size += n
	return &s.parts[len(s.parts)-1]
}

func taskSize(t load.TaskReport) int {
	return sizeTask + sizeCount*(len(t.Status)+len(t.Errors)+len(t.Checks)) + nameSize(t.Errors) +
		len(t.Response.HDR) + len(t.Service.HDR) + len(t.FailedTime.HDR)
}

func setupSize(s load.SetupReport) int {
	return sizeCount*len(s.Errors) + nameSize(s.Errors) + len(s.Response.HDR) + connectionSize(&s.Connections)
}

func connectionSize(c *load.ConnectionReport) int {
	return sizeLinks + len(c.DNS.HDR) + len(c.Connect.HDR) + len(c.TLS.HDR) + len(c.FirstByte.HDR) + len(c.Transfer.HDR)
}

func nameSize(counts map[string]int64) int {
	n := 0
	for name := range counts {
		n += len(name)
	}
	return n
}
