package main

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// csvHeader names the columns as the JSON of a result does; the last ones are of the ledger.
var csvHeader = []string{
	"second", "phase", "target_rps", "started", "requests", "errors", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms",
	"service_p50_ms", "service_p99_ms", "completed", "repeated", "dropped", "lost", "never_issued", "cancelled", "unfinished",
}

// writeCSV writes a series, a line a second.
func writeCSV(w io.Writer, series []load.Second) error {
	out := csv.NewWriter(w)
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, s := range series {
		l := s.Ledger
		err := out.Write([]string{
			strconv.Itoa(s.Second), s.Phase, count(s.TargetRPS), count(s.Started), count(s.Requests), count(s.Errors),
			exact(s.MeanMs), exact(s.P50Ms), exact(s.P95Ms), exact(s.P99Ms), exact(s.MaxMs), exact(s.ServiceP50Ms), exact(s.ServiceP99Ms),
			count(l.Completed), count(l.Repeated), count(l.Dropped), count(l.Lost), count(l.NeverIssued), count(l.Cancelled), count(l.Unfinished),
		})
		if err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
