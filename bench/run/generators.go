package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"
)

// The generators, as the tables name them.
const (
	loadpilot = "LoadPilot"
	closed    = "LoadPilot, api run" // the same program, in its closed loop
	fortio    = "fortio"
	k6        = "k6"
	wrk       = "wrk"
)

// connections is how many the generators have that want to be told: enough that a stall of some milliseconds stops none of them.
const connections = 64

const authorization = "Authorization: Bearer bench-token"

// work is what a generator does again and again.
type work struct {
	scenario string // the class in scripts/loadpilot.py
	function string // in scripts/k6.js, if it is there
	path     string // for generators that know nothing but a URL
	requests int64  // of an iteration
	users    int    // at most; 0: as many as it takes
	checked  bool   // answers are checked, and one in wrongEvery must be refused
}

var (
	static         = work{scenario: "Static", function: "fixed", path: "/", requests: 1}
	scripted       = work{scenario: "Scripted", function: "scripted", requests: 1, checked: true}
	slowStatic     = work{scenario: "SlowStatic", path: "/slow", requests: 1}
	slowBatch      = work{scenario: "SlowBatch", requests: 5}
	slowSequential = work{scenario: "SlowSequential", requests: 5}
	fewBatch       = work{scenario: "SlowBatch", requests: 5, users: few}
	fewSequential  = work{scenario: "SlowSequential", requests: 5, users: few}
)

// few is how many users there are where users are scarce.
const few = 32

// wrongEvery is after how many products nginx has one that the checks must refuse.
const wrongEvery = 1000

// order is what a generator is told to do.
type order struct {
	work     work
	rate     int // iterations a second; 0: as many as it can
	duration time.Duration
	profile  string // the file for a CPU profile of LoadPilot; none if empty
}

// planned is how many iterations an order asks for, 0 if it is as many as there can be.
func (o order) planned() int64 { return int64(o.rate) * int64(o.duration/time.Second) }

// sample is what one run of a generator has shown.
type sample struct {
	order
	report
	usage

	requests int64 // that reached the server, by its own count
}

// field is where the generators meet: the programs, the service they aim at, and a folder for what they leave behind.
type field struct {
	target   *target
	folder   string
	programs map[string]string
}

// send runs a generator once.
func (f *field) send(ctx context.Context, generator string, o order) (sample, error) {
	c, parse := f.command(generator, o)
	before, err := f.target.count(ctx)
	if err != nil {
		return sample{}, err
	}
	out, used, err := c.run(ctx, o.duration)
	if err != nil {
		return sample{}, err
	}
	after, err := f.target.count(ctx)
	if err != nil {
		return sample{}, err
	}
	said, err := parse(out)
	if err != nil {
		return sample{}, err
	}
	s := sample{order: o, report: said, usage: used, requests: after - before - 1} // the first count was a request too
	if s.requests <= 0 || s.seconds <= 0 {
		return sample{}, fmt.Errorf("%s has sent nothing: %+v", generator, s)
	}
	return s, s.verify(generator)
}

// verify fails for a generator that has not done the work: what was not checked cost nothing and proves nothing.
func (s sample) verify(generator string) error {
	if !s.work.checked {
		return nil
	}
	slack := max(0, s.planned()-s.started) + 1 // any of those may be among the wrong ones
	wanted := s.started / wrongEvery
	if s.passed+s.refused < s.started-slack || s.refused < wanted-slack || s.refused > wanted+slack {
		return fmt.Errorf("%s did not check the answers: of %d started %d passed and %d were refused, of which there should be about %d",
			generator, s.started, s.passed, s.refused, wanted)
	}
	return nil
}

// command is the command line of a generator for an order, and what reads its output.
func (f *field) command(generator string, o order) (command, func([]byte) (report, error)) {
	program := f.programs[generator]
	seconds := o.duration.String()
	switch generator {
	case loadpilot:
		c := command{
			args: []string{
				program, "run", filepath.Join(f.folder, "loadpilot.py"), "--scenario", o.work.scenario, "--target", f.target.url,
				"--rps", strconv.Itoa(o.rate), "--duration", seconds, "--json", "--quiet",
			},
			env:   []string{"XDG_STATE_HOME=" + f.folder},
			codes: []int{1, 3}, // a bad result, one that cannot be trusted
		}
		if o.work.users > 0 {
			c.args = append(c.args, "--max-users", strconv.Itoa(o.work.users))
		}
		if o.profile != "" {
			c.args = append(c.args, "--cpu-profile", o.profile)
		}
		return c, parseLoadpilot
	case closed:
		return command{
			args: []string{
				f.programs[loadpilot], "api", "run", o.work.path, "--target", f.target.url, "--clients", strconv.Itoa(connections),
				"--duration", seconds, "--header", authorization, "--redis-url", "none", "--json",
			},
			env: []string{"XDG_STATE_HOME=" + f.folder},
		}, parseClosed
	case k6:
		return command{
			args: []string{program, "run", "--quiet", "--no-color", "--no-usage-report", "--address", "", filepath.Join(f.folder, "k6.js")},
			env: []string{
				"TARGET=" + f.target.url, "WORK=" + o.work.function, "RATE=" + strconv.Itoa(o.rate), "DURATION=" + seconds,
			},
		}, parseK6
	case fortio:
		return command{args: []string{
			program, "load", "-quiet", "-loglevel", "error", "-json", "-", "-p", "50,99", "-c", strconv.Itoa(connections),
			"-qps", strconv.Itoa(o.rate), "-t", seconds, "-H", authorization, f.target.url + o.work.path,
		}}, parseFortio
	default:
		return command{args: []string{
			program, "--latency", "-t1", "-c" + strconv.Itoa(connections), "-d", strconv.Itoa(int(o.duration.Seconds())) + "s",
			"-H", authorization, f.target.url + o.work.path,
		}}, parseWrk
	}
}
