package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/compare"
	"github.com/loadpilot/loadpilot/shared/load"
)

const script = `from loadpilot import LoadClient, VUser, scenario, task


@scenario(mode="constant")
class Plain(VUser):
    @task
    def ask(self, client: LoadClient):
        client.get("/")
`

// What is demanded.
const (
	mostFlagged = 0.04 // of the pairs of the same server
	leastFound  = 0.9  // of the pairs with a slower one
)

// The times of the server: log-normal with σ 0.5.
const (
	median = 20 * time.Millisecond
	sigma  = 0.5
)

type options struct {
	loadpilot       string
	same, different int // pairs
	slowerPct       float64
	rate            float64
	duration        time.Duration
	thresholdPct    float64
	jobs            int
}

func main() {
	var o options
	flag.StringVar(&o.loadpilot, "loadpilot", "./loadpilot", "the program under test")
	flag.IntVar(&o.same, "same", 50, "pairs of runs against the same server")
	flag.IntVar(&o.different, "different", 10, "pairs of which the second is against a slower server")
	flag.Float64Var(&o.slowerPct, "slower", 10, "per cent by which that is slower")
	flag.Float64Var(&o.rate, "rate", 200, "of each run")
	flag.DurationVar(&o.duration, "duration", 20*time.Second, "of each run")
	flag.Float64Var(&o.thresholdPct, "threshold", compare.DefaultThresholdPct, "of the comparison, per cent")
	flag.IntVar(&o.jobs, "jobs", 4, "pairs at once")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := prove(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the deferred stop only restores signals
	}
}

// prove makes all pairs, and fails if a demand is not met.
func prove(ctx context.Context, o options, out io.Writer) error {
	program, err := filepath.Abs(o.loadpilot)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "loadpilot-compare-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.WriteFile(filepath.Join(dir, "plain.py"), []byte(script), 0o600); err != nil {
		return err
	}
	was, slower := httptest.NewServer(answer(1)), httptest.NewServer(answer(1+o.slowerPct/100))
	defer was.Close()
	defer slower.Close()
	_, _ = fmt.Fprintf(out, "%v a run at %g/s against times of %v (σ %g), threshold %g %%\n", o.duration, o.rate, median, sigma, o.thresholdPct)

	l := lab{options: o, program: program, dir: dir, out: out}
	same, err := l.pairs(ctx, "same", o.same, was.URL, was.URL)
	if err != nil {
		return err
	}
	different, err := l.pairs(ctx, fmt.Sprintf("%g %% slower", o.slowerPct), o.different, was.URL, slower.URL)
	if err != nil {
		return err
	}
	flagged := same[compare.Regression] + same[compare.Improvement]
	found := different[compare.Regression]
	_, _ = fmt.Fprintf(out, "%d of %d pairs of the same server were flagged, %d of %d pairs with one that is %g %% slower were found; %d runs were not trusted and made again\n",
		flagged, o.same, found, o.different, o.slowerPct, l.again)
	if float64(flagged) > mostFlagged*float64(o.same) || float64(found) < leastFound*float64(o.different) {
		return fmt.Errorf("at most %g %% may be flagged, and at least %g %% must be found", 100*mostFlagged, 100*leastFound)
	}
	return nil
}

// answer takes a log-normal time, times slower.
func answer(slower float64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		delay := time.Duration(slower * float64(median) * math.Exp(sigma*rand.NormFloat64())) //nolint:gosec // a time
		select {
		case <-time.After(delay):
			_, _ = io.WriteString(w, "ok")
		case <-r.Context().Done():
		}
	}
}

// lab makes runs with the program.
type lab struct {
	options

	program, dir string

	mu    sync.Mutex
	out   io.Writer
	again int // runs that were not trusted
}

// pairs compares so many pairs of runs, and counts the verdicts.
func (l *lab) pairs(ctx context.Context, kind string, n int, baseline, current string) (map[compare.Verdict]int, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	counts, jobs := map[compare.Verdict]int{}, make(chan int)
	var workers sync.WaitGroup
	for range l.jobs {
		workers.Go(func() {
			for i := range jobs {
				c, err := l.pair(ctx, fmt.Sprintf("%s-%d", kind, i), baseline, current)
				if err != nil {
					cancel(err)
					continue
				}
				l.mu.Lock()
				counts[c.Verdict]++
				l.write(kind, i, c)
				l.mu.Unlock()
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	workers.Wait()
	return counts, context.Cause(ctx)
}

// write tells what came of a pair: the figures that are tested best.
func (l *lab) write(kind string, i int, c compare.Comparison) {
	_, _ = fmt.Fprintf(l.out, "%s %2d: %s", kind, i+1, c.Verdict)
	for _, f := range c.Figures {
		if f.DiffPct != nil && f.Name != "rps_actual" && f.Name != "error_rate_pct" {
			_, _ = fmt.Fprintf(l.out, "  %s %+.1f %% (p %.2g)", f.Name, *f.DiffPct, f.P)
		}
	}
	_, _ = fmt.Fprintln(l.out)
}

func (l *lab) pair(ctx context.Context, name, baseline, current string) (c compare.Comparison, err error) {
	files := [2]string{}
	for i, target := range []string{baseline, current} {
		if files[i], err = l.run(ctx, fmt.Sprintf("%s-%d.json", name, i), target); err != nil {
			return c, err
		}
	}
	text, err := l.command(ctx, "compare", files[1], files[0], "--json", "--threshold", strconv.FormatFloat(l.thresholdPct, 'g', -1, 64)).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != load.ExitBreached) {
		return c, fmt.Errorf("compare: %w", err)
	}
	err = json.Unmarshal(text, &c)
	return c, err
}

// run makes a run and returns the file of its result. One that is not trusted, of a moment when the machine was busy, is made again.
func (l *lab) run(ctx context.Context, file, target string) (string, error) {
	file = filepath.Join(l.dir, file)
	for {
		said, err := l.command(ctx, "run", "plain.py", "-t", target, "--rps", strconv.FormatFloat(l.rate, 'g', -1, 64), "--duration", l.duration.String(),
			"--quiet", "--results-json", file).CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && (!ok || exit.ExitCode() != load.ExitUntrusted) {
			return "", fmt.Errorf("run: %w\n%s", err, said)
		}
		var r load.Result
		text, err := os.ReadFile(file)
		if err == nil {
			err = json.Unmarshal(text, &r)
		}
		if err != nil || r.Trust.Level == load.TrustTrusted {
			return file, err
		}
		l.mu.Lock()
		l.again++
		l.mu.Unlock()
	}
}

func (l *lab) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, l.program, args...) //nolint:gosec // the program under test
	cmd.Dir, cmd.Env = l.dir, append(os.Environ(), "XDG_STATE_HOME="+l.dir, "TMPDIR="+l.dir)
	return cmd
}
