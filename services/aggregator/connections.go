package aggregator

import (
	"fmt"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// connections adds up how requests came to their connections, and the parts of their times.
type connections struct {
	opened, reused, failed, refused, closedIdle int64
	dns, connect, tls, firstByte, transfer      *histogram.Histogram
}

func newConnections() connections {
	return connections{
		dns: histogram.New(), connect: histogram.New(), tls: histogram.New(), firstByte: histogram.New(), transfer: histogram.New(),
	}
}

// read takes a report with its histograms decoded. It fails with load.ErrInvalid.
func (c *connections) read(r load.ConnectionReport, decode func(histogram.Snapshot) *histogram.Histogram) error {
	if min(r.Opened, r.Reused, r.Refused, r.ClosedIdle) < 0 || r.Refused > r.Failed {
		return fmt.Errorf("%w: %d connections opened, %d reused, %d closed, %d of %d failures refused", load.ErrInvalid,
			r.Opened, r.Reused, r.ClosedIdle, r.Refused, r.Failed)
	}
	*c = connections{
		opened: r.Opened, reused: r.Reused, failed: r.Failed, refused: r.Refused, closedIdle: r.ClosedIdle,
		dns: decode(r.DNS), connect: decode(r.Connect), tls: decode(r.TLS),
		firstByte: decode(r.FirstByte), transfer: decode(r.Transfer),
	}
	return nil
}

func (c *connections) merge(o connections) {
	c.opened += o.opened
	c.reused += o.reused
	c.failed += o.failed
	c.refused += o.refused
	c.closedIdle += o.closedIdle
	c.dns.Merge(o.dns)
	c.connect.Merge(o.connect)
	c.tls.Merge(o.tls)
	c.firstByte.Merge(o.firstByte)
	c.transfer.Merge(o.transfer)
}

func (c *connections) result() load.ConnectionResult {
	return load.ConnectionResult{
		Opened: c.opened, Reused: c.reused, Failed: c.failed, Refused: c.refused, ClosedIdle: c.closedIdle,
		DNS: load.NewDistribution(c.dns), Connect: load.NewDistribution(c.connect), TLS: load.NewDistribution(c.tls),
		FirstByte: load.NewDistribution(c.firstByte), Transfer: load.NewDistribution(c.transfer),
	}
}
