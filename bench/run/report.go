package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// column is a figure of the tables.
type column struct {
	title  string
	figure func(sample) float64
	digits int
}

var columns = []column{
	{"requests/s", sample.requestRate, 0},
	{"CPU µs/request", sample.cpuPerRequest, 1},
	{"memory MiB", sample.mebibytes, 0},
	{"p50 ms", func(s sample) float64 { return s.p50 }, 2},
	{"p99 ms", func(s sample) float64 { return s.p99 }, 2},
	{"lag p50 ms", sample.lagMedian, 3},
	{"lag p99 ms", sample.lagHigh, 2},
	{"started %", sample.startedPercent, 2},
	{"failed", func(s sample) float64 { return float64(s.failed) }, 0},
	{"others %", sample.othersPercent, 0},
}

// book is all that a run of the benchmark has to tell.
type book struct {
	date     time.Time
	rounds   int
	duration time.Duration
	machine  []fact
	scenes   []chapter
}

// chapter is a scene with what was measured.
type chapter struct {
	scene

	all measured
}

// fact is a line about the machine and what ran on it.
type fact struct{ name, value string }

// outcomes weighs the demands on the scenes that were played.
func (b *book) outcomes() []outcome {
	var all []outcome
	for _, c := range b.scenes {
		for _, d := range demands {
			if d.scene == c.name {
				all = append(all, d.weigh(c.all))
			}
		}
	}
	return all
}

// calm is how much of the generator's core other work may take before the document warns, in percent.
const calm = 5

// disturbed is the largest share of the generator's core that other work took in a row, the median of its rounds, in percent.
func (b *book) disturbed() float64 {
	most := 0.0
	for _, c := range b.scenes {
		for _, samples := range c.all {
			if share := median(each(samples, sample.othersPercent)); share > most { // a search that found nothing has none
				most = share
			}
		}
	}
	return most
}

// write writes the document.
func (b *book) write(w io.Writer) error {
	var s strings.Builder
	fmt.Fprintf(&s, "# Benchmark\n\nWritten by `make bench` on %s, on the machine below; rounds of each scene: %d, length of a run: %s. Other machines give other figures; the ratios hold better than the figures.\n\n",
		b.date.UTC().Format(time.DateOnly), b.rounds, b.duration)
	s.WriteString("| machine | |\n| --- | --- |\n")
	for _, f := range b.machine {
		fmt.Fprintf(&s, "| %s | %s |\n", f.name, f.value)
	}
	if share := b.disturbed(); share > calm {
		fmt.Fprintf(&s, "\n**The machine was not quiet**: in one row other work took %.0f %% of the generator's core. Rates, times and lags below are worse than they would "+
			"be by itself, and what is demanded in them cannot be judged.\n", share)
	}
	s.WriteString("\n" + method + "\n## What is demanded of LoadPilot\n\n")
	s.WriteString("| scene | demand | wanted | measured | |\n| --- | --- | --- | ---: | --- |\n")
	for _, o := range b.outcomes() {
		fmt.Fprintf(&s, "| %s | %s | %s | %.4g | %s |\n", o.scene, o.what, o.wanted(), o.value, o.verdict())
	}
	for _, c := range b.scenes {
		c.write(&s)
	}
	if _, err := io.WriteString(w, s.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// method says what the figures mean.
const method = `## How it is measured

* The service is nginx, one process that holds core 0; the generator under test has core 1 to itself. In each scene the generators take
  turns. Each figure in a table is the median of its rounds, CPU time also with the least and the most; a ratio is the median of the
  ratios of the rounds.
* *requests/s*: what the server has counted, divided by the time that the generator says its load lasted.
* *CPU µs/request*: user and system time of the generator's whole process, from its start to its end, divided by the server's count. For
  LoadPilot that is all of it: the embedded NATS and Redis, the aggregation, the verdict.
* LoadPilot, as it always does, sets GOGC=150 for itself, so that its garbage collector runs a third less often: less CPU time for more memory.
  k6 and fortio, which are programs in Go too, run with their defaults.
* *memory*: the most that the process had resident.
* *p50*, *p99*: as the generator reports them. LoadPilot's count from the instant at which a request was due; those of the others, and of
  its closed loop, from the instant at which it was sent, so they do not show what waited for its turn. k6 leaves out the time of its scripts.
* *lag*: how late iterations started. Only LoadPilot says so.
* *started*: of the iterations that were planned.
* *others*: how much of the generator's core other work on the machine took meanwhile.
* A rate is *held* if 99.9 % of the plan was started, no request failed, and the lag p99 is below 20 ms where it is known. The highest is
  found on a ladder with steps of 2 %, where a rate is tried up to three times before it is called not held.
* wrk2, which keeps a schedule as LoadPilot does, is in no package archive that is used here and is not compared.
`

// write writes the table of a scene.
func (c chapter) write(s *strings.Builder) {
	fmt.Fprintf(s, "\n## %s\n\n%s (`-only %s`)\n\n|  |", c.title, c.text, c.name)
	search := slices.ContainsFunc(c.rows, func(r row) bool { return r.search })
	if search {
		s.WriteString(" held/s |")
	}
	for _, col := range columns {
		fmt.Fprintf(s, " %s |", col.title)
	}
	s.WriteString("\n| --- |" + strings.Repeat(" ---: |", len(columns)))
	if search {
		s.WriteString(" ---: |")
	}
	s.WriteString("\n")
	for i := range c.rows {
		r := &c.rows[i]
		samples := c.all[r.label]
		fmt.Fprintf(s, "| %s |", r.label)
		if search {
			s.WriteString(" " + heldCell(r, samples) + " |")
		}
		for _, col := range columns {
			s.WriteString(" " + col.cell(samples) + " |")
		}
		s.WriteString("\n")
	}
}

// heldCell is the rate that a search found, if the row is one.
func heldCell(r *row, samples []sample) string {
	if !r.search {
		return "–"
	}
	return number(median(each(samples, sample.heldRate)), 0)
}

// cell is the median of a column in a row, of CPU time with the range.
func (c column) cell(samples []sample) string {
	values := each(samples, c.figure)
	text := number(median(values), c.digits)
	if c.title == "CPU µs/request" && len(values) > 1 {
		text += fmt.Sprintf(" (%s–%s)", number(slices.Min(values), c.digits), number(slices.Max(values), c.digits))
	}
	return text
}

// number writes a figure with commas between thousands, and a dash for one that there is not.
func number(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	text := strconv.FormatFloat(v, 'f', digits, 64)
	whole, rest, _ := strings.Cut(text, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	return whole
}
