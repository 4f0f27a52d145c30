package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// What a machine must keep to in order to be trusted: the limits from which on a run is not trusted altogether.
const (
	selftestLagMs      = 10.0
	selftestCPUPercent = 85.0
	selftestClockMs    = 5.0

	// selftestBusyPercent of the processors is what other work takes on a machine that is called busy.
	selftestBusyPercent = 10.0

	// selftestShare of the rate that was held is what a machine can be trusted with: the rest is for scripts, for TLS, and for
	// what else happens on it.
	selftestShare = 0.5
)

func newSelftestCommand(std streams) *cobra.Command {
	var o selftestOptions
	cmd := &cobra.Command{
		Use:   "selftest",
		Short: "Measure this machine and say what rate it can be trusted with",
		Long: "Measure how late the timer of this machine is, and which rate of plain requests a run in one process holds against a target\n" +
			"in a process of its own on the same machine: all arrivals started, no request failed, p99 of the schedule lag below 10 ms,\n" +
			"less than 85 % of the processors used, and the run not untrusted. With --nats-url also how far the clock may be off from that of the bus.\n\n" +
			"It can be trusted with half of the rate that was held. Exit code 3 if it held none from 100 a second up, if its timer is 10 ms late at p99, or if\n" +
			"its clock may be off by more than 5 ms.",
		Example: "  loadpilot selftest\n  loadpilot selftest --nats-url nats://10.0.0.5:4222 --json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return o.run(cmd, std) },
	}
	flags := cmd.Flags()
	flags.DurationVar(&o.duration, "duration", 16*time.Second, "about how long to put load on the target, 1s to 10m")
	flags.StringVar(&o.natsURL, "nats-url", "", "`URL` of the NATS server of a fleet, to compare clocks with")
	flags.StringVar(&o.natsCreds, "nats-creds", "", "credentials `FILE` for it")
	flags.BoolVar(&o.jsonOnly, "json", false, "print nothing but the outcome, as JSON")
	return cmd
}

type selftestOptions struct {
	duration           time.Duration
	natsURL, natsCreds string
	jsonOnly           bool
}

// selftest is what is known about a machine.
type selftest struct {
	OK         bool            `json:"ok"`
	Reasons    []string        `json:"reasons"` // why not
	Platform   string          `json:"platform"`
	Processors int             `json:"processors"` // that this process may use
	Timer      timerPrecision  `json:"timer"`
	Clock      *clockPrecision `json:"clock,omitempty"` // of the bus that was named
	Trials     []trial         `json:"trials"`
	HeldRPS    float64         `json:"held_rps"`    // the highest rate that was held, 0 if none was
	LimitFound bool            `json:"limit_found"` // a higher rate was tried and not held
	TrustedRPS float64         `json:"trusted_rps"` // what runs on this machine can be trusted with

	// OthersPercent of the machine's processors were used by other work during the trials; nil if the system does not say.
	OthersPercent *float64 `json:"others_cpu_percent,omitempty"`
}

// timerPrecision is how late the clock of the pacer wakes, in microseconds.
type timerPrecision struct {
	Count int     `json:"count"`
	P50Us float64 `json:"p50_us"`
	P99Us float64 `json:"p99_us"`
	MaxUs float64 `json:"max_us"`
}

// clockPrecision bounds the error of what this machine knows of the time of the bus.
type clockPrecision struct {
	ErrorMs float64 `json:"error_ms"`
}

func (o *selftestOptions) run(cmd *cobra.Command, std streams) error {
	if o.duration < time.Second || o.duration > 10*time.Minute {
		return fmt.Errorf("--duration: %v must be 1s to 10m", o.duration)
	}
	logger, err := newLogger(cmd, std, "error")
	if err != nil {
		return err
	}
	ctx, progress := cmd.Context(), std.out
	if o.jsonOnly {
		progress = io.Discard
	}
	s := selftest{Platform: runtime.GOOS + "/" + runtime.GOARCH, Processors: min(runtime.NumCPU(), runtime.GOMAXPROCS(0)), Trials: []trial{}}
	if o.natsURL != "" {
		if o.natsURL, err = natsURL(o.natsURL); err != nil {
			return err
		}
		bus, err := natsbus.Connect(ctx, natsbus.Config{URL: o.natsURL, Creds: o.natsCreds, Name: "loadpilot selftest", Logger: logger})
		if err != nil {
			return infra(&flagError{"nats-url", err})
		}
		s.Clock = &clockPrecision{ErrorMs: float64(bus.Clock.Error().Microseconds()) / 1000}
		bus.Close()
	}
	s.Timer = measureTimer(ctx, pacer.NewClock(), timerWakes)
	s.writeHead(progress)
	if err := s.putLoad(ctx, std, logger, o.duration, progress); err != nil {
		return err
	}
	s.judge()
	if o.jsonOnly {
		err = json.NewEncoder(std.out).Encode(s)
	} else {
		err = s.writeTail(std.out)
	}
	switch {
	case err != nil:
		return infra(fmt.Errorf("show the outcome: %w", err))
	case !s.OK:
		return &exitError{code: load.ExitUntrusted}
	}
	return nil
}

// timerWakes, about 2 ms apart, take about two seconds.
const timerWakes = 1000

// measureTimer sees how late an alarm of the clock is, up to n times.
func measureTimer(ctx context.Context, clock pacer.Clock, n int) timerPrecision {
	alarm := clock.Alarm()
	defer alarm.Close()
	var late []time.Duration
	for len(late) < n && ctx.Err() == nil {
		due := clock.Now() + time.Millisecond + rand.N(2*time.Millisecond) //nolint:gosec // no secret
		alarm.Wait(due)
		late = append(late, clock.Now()-due)
	}
	slices.Sort(late)
	t := timerPrecision{Count: len(late)}
	if len(late) == 0 {
		return t
	}
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }
	t.P50Us, t.P99Us, t.MaxUs = us(late[len(late)/2]), us(late[len(late)*99/100]), us(late[len(late)-1])
	return t
}

// judge says what the machine can be trusted with.
func (s *selftest) judge() {
	s.Reasons = []string{}
	for _, t := range s.Trials {
		if t.Held {
			s.HeldRPS = max(s.HeldRPS, t.RPS)
		}
	}
	s.LimitFound = slices.ContainsFunc(s.Trials, func(t trial) bool { return !t.Held && t.RPS > s.HeldRPS })
	switch {
	case s.HeldRPS > 0:
	case s.busy():
		s.Reasons = append(s.Reasons, fmt.Sprintf("it is busy: other work took %.0f %% of its processors, and no rate from %.0f a second up was held",
			*s.OthersPercent, leastRate))
	default:
		s.Reasons = append(s.Reasons, fmt.Sprintf("no rate from %.0f a second up was held", leastRate))
	}
	if s.Timer.P99Us >= 1000*selftestLagMs {
		s.Reasons = append(s.Reasons, fmt.Sprintf("the timer is %s late at p99", terminal.Millis(s.Timer.P99Us/1000)))
	}
	if s.Clock != nil && s.Clock.ErrorMs > selftestClockMs {
		s.Reasons = append(s.Reasons, "the clock may be off from that of the bus by "+terminal.Millis(s.Clock.ErrorMs))
	}
	if s.OK = len(s.Reasons) == 0; s.OK {
		s.TrustedRPS = roundDown(selftestShare * s.HeldRPS)
	}
}

// busy reports whether other work is known to have taken much of the machine.
func (s *selftest) busy() bool {
	return s.OthersPercent != nil && *s.OthersPercent >= selftestBusyPercent
}

// roundDown keeps two digits: more would claim what one measurement cannot know.
func roundDown(rate float64) float64 {
	if rate < 1 {
		return rate
	}
	unit := math.Pow(10, max(0, math.Floor(math.Log10(rate))-1))
	return math.Floor(rate/unit) * unit
}

func (s *selftest) writeHead(out io.Writer) {
	t := s.Timer
	_, _ = fmt.Fprintf(out, "LoadPilot selftest — %s, %s\n", counted(int64(s.Processors), "processor"), s.Platform)
	_, _ = fmt.Fprintf(out, "Timer   %s late at p50, %s at p99, %s at most, of %s\n", terminal.Millis(t.P50Us/1000), terminal.Millis(t.P99Us/1000),
		terminal.Millis(t.MaxUs/1000), counted(int64(t.Count), "wake-up"))
	if s.Clock != nil {
		_, _ = fmt.Fprintf(out, "Clock   off from that of the bus by %s at most\n", terminal.Millis(s.Clock.ErrorMs))
	}
	_, _ = fmt.Fprintln(out, "Load    plain requests to a target in a process of its own on this machine")
}

// writeTail says in words what follows.
func (s *selftest) writeTail(out io.Writer) error {
	if !s.OK {
		_, err := fmt.Fprintf(out, "\nThis machine cannot be trusted as it is now: %s.\n", strings.Join(s.Reasons, "; "))
		return err
	}
	least, notes := "", ""
	if !s.LimitFound {
		least, notes = "at least ", "No higher rate was tried, so its limit was not found: a longer --duration looks further.\n"
	}
	if s.busy() {
		notes += fmt.Sprintf("Other work took %.0f %% of its processors meanwhile; without that it may hold more.\n", *s.OthersPercent)
	}
	_, err := fmt.Fprintf(out, "\nThis machine held %s%s iterations of one plain request a second, beside the target that answered them. Trust it with half of\n"+
		"that, %s a second: the other half is for scripts, for TLS and for what else happens here.\n%s", least, rate(s.HeldRPS), rate(s.TrustedRPS), notes)
	return err
}

// rate writes a number of iterations a second.
func rate(rps float64) string {
	if rps < 10 {
		return strconv.FormatFloat(rps, 'g', 2, 64)
	}
	return terminal.Count(int64(rps))
}
