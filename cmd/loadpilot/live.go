package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// display shows the progress of a run. Its methods are called from one goroutine.
type display interface {
	note(text string)      // before the run
	state(run gateway.Run) // the run changed its state
	live(line load.Live)   // once a second
	notice(text string)    // something about the way from here to the run
	close()                // nothing more is shown
}

// newDisplay fits the display to what it is shown on. failed is told when nothing can be shown there any more.
func newDisplay(out io.Writer, quiet bool, failed func(error)) display {
	switch file, ok := out.(*os.File); {
	case quiet:
		return silent{}
	case ok && terminal.IsTerminal(file):
		width := func() int {
			w, _, err := term.GetSize(int(file.Fd()))
			if err != nil || w < 1 {
				return 80
			}
			return w
		}
		return &screen{out: out, width: width, style: terminal.NewPalette(out), failed: failed}
	default:
		return &progressLines{out: out, failed: failed}
	}
}

// silent shows nothing.
type silent struct{}

func (silent) note(string)       {}
func (silent) state(gateway.Run) {}
func (silent) live(load.Live)    {}
func (silent) notice(string)     {}
func (silent) close()            {}

// progressEvery is how many seconds apart progress lines are, unless the phase changes.
const progressEvery = 5

// progressLines is the display for a log: a line at each change of the phase and every few seconds, and one at each incident.
type progressLines struct {
	out       io.Writer
	failed    func(error)
	phase     string
	next      float64
	incidents int // number of the last one that was shown
}

func (p *progressLines) note(text string) { show(p.out, terminal.Printable(text)+"\n", p.failed) }

// show writes a piece of progress.
func show(out io.Writer, text string, failed func(error)) {
	if _, err := io.WriteString(out, text); err != nil {
		failed(fmt.Errorf("show the progress: %w", err))
	}
}

func (p *progressLines) state(run gateway.Run) {
	if run.State != load.StateRunning && !run.State.Final() {
		p.note(stateText(run))
	}
}

func (p *progressLines) notice(text string) { p.note(text) }

func (p *progressLines) live(l load.Live) {
	p.tell(l.Incidents)
	if l.ElapsedSecs < 0 || (l.Phase == p.phase && l.ElapsedSecs < p.next) {
		return
	}
	p.phase = l.Phase
	p.next = l.ElapsedSecs + progressEvery - 0.5 // lines come a little early or late
	ms := liveTimes(l.Latency)
	p.note(fmt.Sprintf("[%s] %s: %.0f/%.0f RPS  requests %s  errors %.2f%%  p50 %s  p95 %s  p99 %s  users %d  generators %d",
		clock(l.ElapsedSecs), l.Phase, l.CurrentRPS, l.TargetRPS, terminal.Count(l.RequestsTotal), l.ErrorRatePct,
		ms(l.Latency.P50Ms), ms(l.Latency.P95Ms), ms(l.Latency.P99Ms), l.ActiveWorkers, l.Generators) + dropped(l))
}

// dropped says how many iterations could not be started in time so far, "" if all were.
func dropped(l load.Live) string {
	if l.Ledger.Dropped == 0 {
		return ""
	}
	return "  dropped " + terminal.Count(l.Ledger.Dropped)
}

// tell shows the incidents that are new, of the last ones that a live line carries.
func (p *progressLines) tell(recent []load.Incident) {
	for _, i := range recent {
		if i.Number <= p.incidents {
			continue
		}
		if missed := i.Number - p.incidents - 1; missed > 0 {
			p.note(fmt.Sprintf("%d incidents are not shown here; the result lists them", missed))
		}
		p.incidents = i.Number
		p.note(incidentText(i))
	}
}

func (p *progressLines) close() {}

// stateText says what a run that is not running is doing.
func stateText(run gateway.Run) string {
	switch run.State {
	case load.StatePending:
		return fmt.Sprintf("%s: accepted as run %s", run.Plan.Scenario, run.ID)
	case load.StatePreparing:
		return run.Plan.Scenario + ": preparing the generators"
	case load.StateStopping:
		return run.Plan.Scenario + ": stopping, iterations under way may finish"
	default:
		return run.Plan.Scenario + ": " + string(run.State)
	}
}

// screen redraws a few lines in place.
type screen struct {
	out     io.Writer
	width   func() int
	style   terminal.Palette
	failed  func(error)
	picture []string // what is shown, notices apart
	drawn   int      // lines that are on the screen
}

func (s *screen) note(text string) { s.paint(terminal.Printable(text)) }

func (s *screen) state(run gateway.Run) {
	if run.State != load.StateRunning && !run.State.Final() {
		s.paint(s.style.Title.Render("LoadPilot") + " — " + terminal.Printable(stateText(run)))
	}
}

func (s *screen) live(l load.Live) { s.paint(liveLines(l, s.width(), s.style)...) }

// notice stands under the picture until there is a new one.
func (s *screen) notice(text string) {
	s.draw(append(slices.Clone(s.picture), s.style.Warn.Render(terminal.Printable(text))))
}

func (s *screen) paint(picture ...string) {
	s.picture = picture
	s.draw(picture)
}

// close takes the picture away: what follows says it all.
func (s *screen) close() {
	if s.drawn > 0 {
		_, _ = fmt.Fprintf(s.out, "\x1b[%dA\r\x1b[J", s.drawn)
	}
	s.drawn = 0
}

// draw puts lines in the place of those drawn before. None is longer than the screen is wide, or the count would be wrong.
func (s *screen) draw(lines []string) {
	var b strings.Builder
	if s.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA\r", s.drawn)
	}
	for _, line := range lines {
		b.WriteString(ansi.Truncate(line, s.width()-1, "…"))
		b.WriteString("\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	s.drawn = len(lines)
	show(s.out, b.String(), s.failed)
}

// liveLines is the picture of a running test.
func liveLines(l load.Live, width int, p terminal.Palette) []string {
	errors := fmt.Sprintf("%.2f %%", l.ErrorRatePct)
	if l.ErrorsTotal > 0 {
		errors = p.Bad.Render(errors)
	}
	label := func(text string) string { return p.Faint.Render(fmt.Sprintf("%-14s", text)) }
	ms := liveTimes(l.Latency)
	lines := []string{
		fmt.Sprintf("%s — %s  [%s]  %s: %.0f/%.0f RPS",
			p.Title.Render("LoadPilot"), terminal.Printable(l.Scenario), clock(l.ElapsedSecs), terminal.Printable(l.Phase), l.CurrentRPS, l.TargetRPS),
		"",
		fmt.Sprintf("  %s%-14s%s%s", label("Requests/sec"), fmt.Sprintf("%.1f", l.RequestsPerS), label("Total"), terminal.Count(l.RequestsTotal)),
		fmt.Sprintf("  %s%s%s%s", label("Errors"), terminal.Pad(errors, 14), label("Failed"), terminal.Count(l.ErrorsTotal)+p.Warn.Render(dropped(l))),
		fmt.Sprintf("  %sp50 %s   p95 %s   p99 %s   max %s", label("Response"),
			ms(l.Latency.P50Ms), ms(l.Latency.P95Ms), ms(l.Latency.P99Ms), ms(l.Latency.MaxMs)),
		fmt.Sprintf("  %s%-14d%s%d", label("Generators"), l.Generators, label("Users"), l.ActiveWorkers),
		"  " + terminal.Bar(l.ElapsedSecs, l.TotalSecs, min(width-10, 60), p),
	}
	for _, line := range measureLines(l.Measures, liveMeasures, label) {
		lines = append(lines, "  "+line)
	}
	for _, i := range l.Incidents[max(0, len(l.Incidents)-liveIncidents):] {
		lines = append(lines, "  "+incidentLine(i, p))
	}
	return lines
}

// liveTimes is figures of a live line, whose response times are above 0 as soon as there is one.
func liveTimes(l load.LiveLatency) func(ms float64) string { return figures(l.MaxMs > 0) }

// clock shows seconds since the start as minutes and seconds.
func clock(secs float64) string {
	d := time.Duration(max(0, secs) * float64(time.Second))
	if d >= time.Hour {
		return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60)
	}
	return fmt.Sprintf("%02d:%02d", int(d.Minutes()), int(d.Seconds())%60)
}
