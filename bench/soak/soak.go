package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
)

// script is the load.
const script = `from loadpilot import LoadClient, VUser, scenario, task


@scenario(mode="constant", thresholds={"error_rate": 0.01})
class Soak(VUser):
    @task()
    def health(self, client: LoadClient):
        client.get("/health")

    def check_health(self, status_code, body):
        assert status_code == 200 and body["status"] == "ok", f"the shop is not well: {status_code}"
`

const (
	startWithin = 30 * time.Second
	endWithin   = 60 * time.Second // after the load
	poll        = 100 * time.Millisecond
	// reportDelay after a window all reports of it are in.
	reportDelay = 1500 * time.Millisecond
	// The vitals are asked for each second, or so often in a shorter window: the heap is a saw, and only its low points tell.
	samples = 12
	// drainWithin is how long the last events may take when the run is over.
	drainWithin = 5 * time.Second
)

// soak runs it all and writes a line for each window as soon as it is over.
func soak(ctx context.Context, o options, out io.Writer) (r outcome, err error) {
	if err := o.validate(); err != nil {
		return r, err
	}
	home, err := os.MkdirTemp("", "loadpilot-soak-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(home)) }()
	shop, target, err := start(ctx, o.loadpilot, home, regexp.MustCompile(`(http://\S+)`), "demo", "--listen", "127.0.0.1:0", "--latency-scale", "0")
	if err != nil {
		return r, fmt.Errorf("start the shop: %w", err)
	}
	defer shop.stop()
	bus, err := freeAddr(ctx)
	if err != nil {
		return r, err
	}
	up, api, err := start(ctx, o.loadpilot, home, regexp.MustCompile(`LoadPilot is up on (http://\S+)`),
		"up", "--listen", "127.0.0.1:0", "--nats-listen", bus, "--redis-listen", "127.0.0.1:0", "--data-dir", home, "--log-level", "warn")
	if err != nil {
		return r, fmt.Errorf("start LoadPilot: %w", err)
	}
	defer up.stop()
	_, _ = fmt.Fprintf(out, "soak: %g iterations a second for %v at %s\n", o.rate, o.duration, target)
	r.table = newTable(o)
	r.result, err = r.table.follow(ctx, o, gateway{api}, "nats://"+bus, target, out)
	return r, err
}

// follow submits the run, follows it to its end and returns the result.
func (t *table) follow(ctx context.Context, o options, api gateway, bus, target string, out io.Writer) (result load.Result, err error) {
	ctx, cancel := context.WithTimeout(ctx, startWithin+o.duration+endWithin)
	defer cancel()
	conn, err := natsbus.Connect(ctx, natsbus.Config{URL: bus, Name: "soak", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return result, err
	}
	defer conn.Close()
	run, err := api.submit(ctx, o, target)
	if err != nil {
		return result, err
	}
	records, err := conn.Events.Replay(ctx, run.ID)
	if err != nil {
		return result, err
	}
	t.writeHead(out)
	sample := time.NewTicker(min(time.Second, o.window/samples))
	defer sample.Stop()
	written := 0
	for !run.State.Final() {
		select {
		case rec, open := <-records:
			if !open {
				return result, errors.New("the event stream broke off")
			}
			if err := t.take(rec); err != nil {
				return result, err
			}
			continue
		case <-sample.C:
		case <-ctx.Done():
			return result, fmt.Errorf("run %s: %w", run.ID, context.Cause(ctx))
		}
		if run, err = api.run(ctx, run.ID); err != nil {
			return result, err
		}
		if run.StartedAt.IsZero() {
			continue
		}
		elapsed := time.Since(run.StartedAt)
		v, err := api.vitals(ctx)
		if err != nil {
			return result, err
		}
		t.of(max(0, int(elapsed/time.Second))).vitals.take(v)
		for ; written < len(t.windows) && elapsed > time.Duration(written+1)*o.window+reportDelay; written++ {
			t.writeLine(out, written)
		}
	}
	if err := api.call(ctx, http.MethodGet, "/v1/runs/"+run.ID+"/result", nil, &result); err != nil {
		return result, err
	}
	if err := t.complete(ctx, records, result.Ledger.Started); err != nil {
		return result, err
	}
	for ; written < len(t.windows); written++ {
		t.writeLine(out, written)
	}
	return result, nil
}

// complete takes the last events, until they have told of as many starts as the ledger has, or have had their time.
func (t *table) complete(ctx context.Context, records <-chan load.Record, started int64) error {
	late := time.NewTimer(drainWithin)
	defer late.Stop()
	for t.started() < started {
		select {
		case rec, open := <-records:
			if !open {
				return errors.New("the event stream broke off")
			}
			if err := t.take(rec); err != nil {
				return err
			}
		case <-late.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// gateway is the API of the process under test.
type gateway struct{ url string }

// run is what this program wants to know of a run.
type run struct {
	ID        string     `json:"id"`
	State     load.State `json:"state"`
	StartedAt time.Time  `json:"started_at"`
}

func (g gateway) submit(ctx context.Context, o options, target string) (r run, err error) {
	err = g.call(ctx, http.MethodPost, "/v1/runs", map[string]any{
		"source": script, "file": "soak.py", "target": target, "rps": o.rate, "duration": o.duration.String(),
	}, &r)
	return r, err
}

func (g gateway) run(ctx context.Context, id string) (r run, err error) {
	err = g.call(ctx, http.MethodGet, "/v1/runs/"+id, nil, &r)
	return r, err
}

func (g gateway) call(ctx context.Context, method, path string, body, answer any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return err
	}
	text, err := g.fetch(ctx, method, path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	return json.Unmarshal(text, answer)
}

func (g gateway) fetch(ctx context.Context, method, path string, body io.Reader) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, g.url+path, body)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	if err == nil && response.StatusCode >= http.StatusBadRequest {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	return text, err
}

var metric = regexp.MustCompile(`(?m)^(process_resident_memory_bytes|go_memstats_heap_alloc_bytes|go_goroutines) (\S+)$`)

// vitals asks the process how it is.
func (g gateway) vitals(ctx context.Context) (v vitals, err error) {
	text, err := g.fetch(ctx, http.MethodGet, "/metrics", http.NoBody)
	if err != nil {
		return v, err
	}
	for _, found := range metric.FindAllSubmatch(text, -1) {
		value, err := strconv.ParseFloat(string(found[2]), 64)
		if err != nil {
			return v, fmt.Errorf("metric %s: %w", found[1], err)
		}
		switch string(found[1]) {
		case "process_resident_memory_bytes":
			v.rss = int64(value)
		case "go_memstats_heap_alloc_bytes":
			v.heap = int64(value)
		default:
			v.goroutines = int64(value)
		}
	}
	return v, nil
}

// process is a program that was started.
type process struct {
	cmd  *exec.Cmd
	out  io.Closer
	read chan struct{} // closed when nobody reads its output any more
}

// start starts a process and waits until a line that it writes says where it can be reached.
func start(ctx context.Context, program, home string, says *regexp.Regexp, args ...string) (*process, string, error) {
	reader, writer := io.Pipe()
	p := &process{cmd: exec.CommandContext(context.WithoutCancel(ctx), program, args...), out: writer, read: make(chan struct{})} //nolint:gosec // the binary under test
	p.cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+home)
	p.cmd.Stdout, p.cmd.Stderr = writer, writer
	if err := p.cmd.Start(); err != nil {
		return nil, "", err
	}
	found := make(chan string, 1)
	go func() {
		defer close(p.read)
		for lines := bufio.NewScanner(reader); lines.Scan(); {
			if match := says.FindStringSubmatch(lines.Text()); match != nil && len(found) == 0 {
				found <- match[1]
			}
		}
		_, _ = io.Copy(io.Discard, reader)
	}()
	select {
	case url := <-found:
		return p, url, nil
	case <-ctx.Done():
	case <-time.After(startWithin):
	}
	p.stop()
	return nil, "", errors.New("it does not say where it can be reached")
}

// stop ends the process and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
	_ = p.out.Close()
	<-p.read
}

// freeAddr returns an address on loopback that nobody listens on.
func freeAddr(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
