package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/term"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// maxBar is how many cells a progress bar has at most.
const maxBar = 30

// progress is a line of a terminal that is redrawn in place. Its methods are called from one goroutine.
type progress struct {
	out   io.Writer
	width func() int
	style terminal.Palette
	title string
}

// newProgress returns the progress line of a run, or nil unless somebody sees both what is printed and what goes on.
func newProgress(out, err io.Writer, title string) *progress {
	file, ok := err.(*os.File)
	if !ok || !terminal.IsTerminal(out) || !terminal.IsTerminal(err) {
		return nil
	}
	width := func() int {
		w, _, err := term.GetSize(int(file.Fd()))
		if err != nil || w < 1 {
			return 80
		}
		return w
	}
	return &progress{out: err, width: width, style: terminal.NewPalette(err), title: terminal.Printable(title)}
}

// title names what a configuration loads.
func title(job run.Config) string { return job.Method + " " + job.Masked().Path }

func (p *progress) tell(now run.Progress) {
	line := progressLine(p.title, now, p.width(), p.style)
	_, _ = fmt.Fprintf(p.out, "\r%s\x1b[K", line) // who has gone misses nothing: the result follows
}

// clear takes the line away: what follows says it all.
func (p *progress) clear() { _, _ = fmt.Fprint(p.out, "\r\x1b[K") }

// progressLine is the picture of a run, no wider than the screen.
func progressLine(title string, now run.Progress, width int, style terminal.Palette) string {
	done, total := float64(now.Done), float64(now.Total)
	figures := []string{terminal.Count(now.Done)}
	switch {
	case now.Of > 0:
		done, total = now.Elapsed.Seconds(), now.Of.Seconds()
		figures = append(figures, fmt.Sprintf("%s of %s", now.Elapsed.Round(time.Second), now.Of))
	case now.Total > 0:
		figures[0] += "/" + terminal.Count(now.Total)
	}
	if now.Events > 0 {
		figures = append(figures, counted(now.Events, "event"))
	}
	figures = append(figures, rate(now.PerSecond))
	if now.P95 > 0 {
		figures = append(figures, "p95 "+latency(float64(now.P95)/float64(time.Millisecond)))
	}
	failed := terminal.Count(now.Failed) + " failed"
	if now.Failed > 0 {
		failed = style.Bad.Render(failed)
	}
	text := strings.Join(append(figures, failed), "  ")
	cells := min(maxBar, width-ansi.StringWidth(title)-ansi.StringWidth(text)-10)
	line := style.Title.Render(title) + "  "
	if cells > 0 {
		line += terminal.Bar(done, total, cells, style) + "  "
	}
	return ansi.Truncate(line+text, width-1, "…")
}
