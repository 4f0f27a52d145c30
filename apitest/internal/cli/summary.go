package cli

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// How many failures are shown, after a run and of a stored result.
const (
	someErrors = 3
	allErrors  = run.MaxSamples
)

// summary writes a result for people.
type summary struct {
	strings.Builder
	style terminal.Palette
}

// writeResult writes what a run came to; full writes all that is known of it.
func writeResult(w io.Writer, r run.Result, full bool) error {
	s := &summary{style: terminal.NewPalette(w)}
	s.head(r)
	s.numbers(r, full)
	s.responses(r)
	s.errors(r, full)
	for i, warning := range r.Warnings {
		if i == 0 {
			s.WriteByte('\n')
		}
		fmt.Fprintf(s, "%s\n", s.style.Warn.Render("Warning: "+terminal.Printable(warning)))
	}
	s.WriteByte('\n')
	if full {
		fmt.Fprintf(s, "Started %s UTC by %s\n", r.StartedAt.UTC().Format(time.DateTime), terminal.Printable(r.Program))
	}
	fmt.Fprintf(s, "Test ID %s\n", terminal.Printable(r.TestID))
	_, err := io.WriteString(w, s.String())
	return err
}

func (s *summary) head(r run.Result) {
	c := r.Config
	fmt.Fprintf(s, "%s  %s", s.style.Title.Render(cell(c.Method+" "+c.Path)), r.Mode)
	if r.Mode == run.ModeSocket && c.Target != "" {
		fmt.Fprintf(s, "  %s", cell(c.Target))
	}
	if r.State != run.StateCompleted {
		fmt.Fprintf(s, "  %s", s.style.Warn.Render(cell(r.State)))
	}
	s.WriteByte('\n')
	for _, name := range slices.Sorted(maps.Keys(c.PathParams)) {
		s.row(name, "%s", cell(c.PathParams[name]))
	}
	if c.AuthAs != "" {
		s.row("As", "%s", cell(c.AuthAs))
	}
}

func (s *summary) numbers(r run.Result, full bool) {
	c, m := r.Config, r.Metrics
	failed := fmt.Sprintf("%s failed (%s%%)", terminal.Count(m.RequestsFailed), terminal.Number(m.ErrorRatePct))
	if m.RequestsFailed > 0 {
		failed = s.style.Bad.Render(failed)
	}
	s.row("Requests", "%s in %s, %s, %s", terminal.Count(m.RequestsTotal), seconds(r.DurationSecs), rate(m.RequestsPerSecond), failed)
	clients := terminal.Count(int64(c.Clients))
	if c.Rate > 0 {
		clients += fmt.Sprintf(", %s planned, %s late", rate(c.Rate), terminal.Count(m.Late))
	}
	s.row("Clients", "%s", clients)
	if st := r.Stream; st != nil {
		s.row("Events", "%s, %s, %s", terminal.Count(st.Events), rate(st.EventsPerSecond),
			counted(st.EndedByServer, "exchange")+" ended by the server")
		s.row("First event", "%s", spread(st.FirstEventMsP50, st.FirstEventMsP95, st.FirstEventMsMax))
		gaps := "Gaps"
		if c.Protocol == run.ProtocolWebSocket {
			gaps = "Round trips"
		}
		s.row(gaps, "%s", spread(st.GapMsP50, st.GapMsP95, st.GapMsMax))
	}
	if m.LatencyMsMax > 0 {
		s.latencies(m, full)
	}
	if full {
		s.row("Bodies", "%s received, %s sent", size(m.BytesIn), size(m.BytesOut))
	}
	if m.ConnectionsOpened > 0 {
		s.row("Connections", "%s opened", terminal.Count(m.ConnectionsOpened))
	}
}

func (s *summary) latencies(m run.Metrics, full bool) {
	if !full {
		s.row("Latency", "p50 %s   p95 %s   p99 %s   max %s",
			latency(m.LatencyMsP50), latency(m.LatencyMsP95), latency(m.LatencyMsP99), latency(m.LatencyMsMax))
		return
	}
	for _, line := range []struct {
		name string
		ms   float64
	}{
		{"min", m.LatencyMsMin},
		{"mean", m.LatencyMsMean},
		{"p50", m.LatencyMsP50},
		{"p90", m.LatencyMsP90},
		{"p95", m.LatencyMsP95},
		{"p99", m.LatencyMsP99},
		{"p99.9", m.LatencyMsP999},
		{"max", m.LatencyMsMax},
	} {
		s.row("Latency "+line.name, "%s", latency(line.ms))
	}
	if m.FirstByteMsP95 > 0 {
		s.row("First byte", "p50 %s   p95 %s", latency(m.FirstByteMsP50), latency(m.FirstByteMsP95))
	}
}

// responses writes the distribution of the status codes.
func (s *summary) responses(r run.Result) {
	if len(r.StatusCodes) > 0 {
		s.section("Status codes")
	}
	for _, code := range slices.Sorted(maps.Keys(r.StatusCodes)) {
		fmt.Fprintf(s, "  %s  %s\n", cell(code), terminal.Count(r.StatusCodes[code]))
	}
}

// errors writes how often each class of error came, and failures in detail.
func (s *summary) errors(r run.Result, full bool) {
	if len(r.Classes) == 0 {
		return
	}
	s.section("Errors")
	for _, class := range slices.Sorted(maps.Keys(r.Classes)) {
		fmt.Fprintf(s, "  %s  %s\n", terminal.Pad(s.style.Bad.Render(terminal.Count(r.Classes[class])+"×"), 8), cell(class))
	}
	shown := someErrors
	if full {
		shown = allErrors
	}
	for _, e := range r.Errors[:min(shown, len(r.Errors))] {
		fmt.Fprintf(s, "    request %d after %s, %s", e.Request, seconds(e.AtSecs), latency(e.LatencyMs))
		if e.Status > 0 {
			fmt.Fprintf(s, ", status %d", e.Status)
		}
		fmt.Fprintf(s, ": %s\n", cell(e.Message))
		if e.Body != "" {
			fmt.Fprintf(s, "      %s\n", s.style.Faint.Render(cell(e.Body)))
		}
	}
}

func (s *summary) section(title string) {
	fmt.Fprintf(s, "\n%s\n", s.style.Title.Render(title))
}

func (s *summary) row(label, format string, args ...any) {
	fmt.Fprintf(s, "  %s%s\n", s.style.Faint.Render(fmt.Sprintf("%-15s", cell(label))), fmt.Sprintf(format, args...))
}

func seconds(secs float64) string {
	if secs < 1 {
		return latency(1000 * secs)
	}
	return terminal.Number(secs) + "s"
}
