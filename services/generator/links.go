package generator

import (
	"time"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// appendLink adds what there is to tell of a search for a connection beside that a kept one was used, which the sample of its
// request says.
func appendLink(to []sample, l *httpdriver.Link, f flags) []sample {
	if l.State == httpdriver.LinkReused && l.Closed == 0 {
		return to
	}
	switch l.State {
	case httpdriver.LinkOpened:
		to = append(to, sample{kind: kindOpened, flags: f})
	case httpdriver.LinkRefused:
		to = append(to, sample{kind: kindFailed, flags: f | flagRefused})
	case httpdriver.LinkFailed:
		to = append(to, sample{kind: kindFailed, flags: f})
	case httpdriver.LinkNone, httpdriver.LinkReused:
	}
	for range l.Closed {
		to = append(to, sample{kind: kindClosedIdle, flags: f})
	}
	for i, took := range [...]time.Duration{l.DNS, l.Connect, l.TLS} {
		if took > 0 {
			to = append(to, sample{kind: [...]kind{kindDNS, kindConnect, kindTLS}[i], response: micros(took), flags: f})
		}
	}
	return to
}

// setParts says in the sample of a request what its connection was, and when the response began.
func (s *sample) setParts(x *httpdriver.Exchange) {
	if x.Link.State == httpdriver.LinkReused {
		s.flags |= flagReused
	}
	if x.First > 0 {
		s.flags |= flagAnswered
		s.first = micros(x.First - x.Sent)
	}
}

// connections adds up a load.ConnectionReport.
type connections struct {
	report                                 load.ConnectionReport
	dns, connect, tls, firstByte, transfer histogram.Recorder
}

// add takes a sample of a request or of a search for a connection.
func (c *connections) add(s *sample) {
	switch s.kind {
	case kindOpened:
		c.report.Opened++
	case kindFailed:
		c.report.Failed++
		if s.flags&flagRefused != 0 {
			c.report.Refused++
		}
	case kindClosedIdle:
		c.report.ClosedIdle++
	case kindDNS:
		c.dns.Record(int64(s.response))
	case kindConnect:
		c.connect.Record(int64(s.response))
	case kindTLS:
		c.tls.Record(int64(s.response))
	default:
		if s.flags&flagReused != 0 {
			c.report.Reused++
		}
		if s.flags&flagAnswered != 0 {
			c.firstByte.Record(int64(s.first))
			c.transfer.Record(int64(s.service) - int64(s.first))
		}
	}
}

// take returns the report and begins a new one.
func (c *connections) take() load.ConnectionReport {
	out := c.report
	out.DNS, out.Connect, out.TLS = c.dns.Take(), c.connect.Take(), c.tls.Take()
	out.FirstByte, out.Transfer = c.firstByte.Take(), c.transfer.Take()
	c.report = load.ConnectionReport{}
	return out
}
