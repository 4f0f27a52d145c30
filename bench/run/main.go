package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// options are the flags.
type options struct {
	rounds    int
	duration  time.Duration
	only      string
	loadpilot string
	peers     string
	out       string
	profiles  string
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of each scene")
	flag.DurationVar(&o.duration, "duration", 10*time.Second, "of each run, in whole seconds")
	flag.StringVar(&o.only, "only", "", "scenes to play, separated by commas: "+strings.Join(names(), " "))
	flag.StringVar(&o.loadpilot, "loadpilot", "./loadpilot", "the binary under test")
	flag.StringVar(&o.peers, "peers", ".cache/bin", "the folder of k6 and fortio")
	flag.StringVar(&o.out, "out", "", "the document to write; none if empty")
	flag.StringVar(&o.profiles, "profiles", "", "the folder for CPU profiles of LoadPilot, of one more run in each scene; none if empty")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := compare(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func names() []string {
	all := make([]string, len(scenes))
	for i, s := range scenes {
		all[i] = s.name
	}
	return all
}

// compare plays the scenes, prints and writes what they have shown, and reports the demands that are not met.
func compare(ctx context.Context, o options) (err error) {
	if o.rounds < 1 || o.duration < time.Second || o.duration%time.Second != 0 {
		return errors.New("there must be at least one round, of whole seconds")
	}
	chosen, err := choose(o.only)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "loadpilot-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	f, err := newField(ctx, o, folder)
	if err != nil {
		return err
	}
	defer f.target.stop()
	b := &book{date: time.Now(), rounds: o.rounds, duration: o.duration, machine: f.machine(ctx)}
	if err := f.playAll(ctx, o, chosen, b); err != nil {
		return errors.Join(err, b.write(os.Stdout)) // what was measured until then took its time
	}
	if err := publish(b, o.out); err != nil {
		return err
	}
	for _, out := range b.outcomes() {
		if !out.met() {
			return errors.New("not every demand is met")
		}
	}
	return nil
}

// playAll plays the scenes, each with its profiles if there are to be some, and puts them into the book.
func (f *field) playAll(ctx context.Context, o options, chosen []scene, b *book) error {
	for _, s := range chosen {
		all, err := f.play(ctx, s, o.rounds, o.duration, func(line string) { fmt.Fprintln(os.Stderr, line) })
		if err != nil {
			return err
		}
		b.scenes = append(b.scenes, chapter{scene: s, all: all})
		if o.profiles == "" {
			continue
		}
		if err := f.profile(ctx, s, all, o.duration, func(r row) string { return profileFile(o.profiles, s, r) }); err != nil {
			return err
		}
	}
	return nil
}

// profileFile is where the profile of a row goes.
func profileFile(folder string, s scene, r row) string {
	label := strings.NewReplacer(" ", "-", ",", "").Replace(strings.ToLower(r.label))
	return filepath.Join(folder, s.name+"-"+label+".prof")
}

// choose picks scenes by name, all if there is none.
func choose(only string) ([]scene, error) {
	if only == "" {
		return scenes, nil
	}
	var chosen []scene
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(scenes, func(s scene) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("there is no scene %q, only %s", name, strings.Join(names(), " "))
		}
		chosen = append(chosen, scenes[i])
	}
	return chosen, nil
}

// newField finds the programs, lays out the scripts and starts the service under test.
func newField(ctx context.Context, o options, folder string) (*field, error) {
	f := &field{folder: folder, programs: map[string]string{}}
	for name, path := range map[string]string{
		loadpilot: o.loadpilot, k6: filepath.Join(o.peers, "k6"), fortio: filepath.Join(o.peers, "fortio"), wrk: "wrk",
	} {
		found, err := exec.LookPath(path)
		if err == nil {
			found, err = filepath.Abs(found)
		}
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", name, err)
		}
		f.programs[name] = found
	}
	for _, name := range []string{"loadpilot.py", "k6.js"} {
		text, err := fs.ReadFile(scripts, "scripts/"+name)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), text, 0o600)
		}
		if err != nil {
			return nil, fmt.Errorf("lay out the script %s: %w", name, err)
		}
	}
	if o.profiles != "" {
		if err := os.MkdirAll(o.profiles, 0o755); err != nil { //nolint:gosec // for whoever wants to look
			return nil, fmt.Errorf("make the folder of the profiles: %w", err)
		}
	}
	var err error
	f.target, err = startTarget(ctx, folder)
	return f, err
}

// publish prints the document, and writes it to a file if there is to be one.
func publish(b *book, path string) error {
	if err := b.write(os.Stdout); err != nil {
		return err
	}
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("create the report: %w", err)
	}
	return errors.Join(b.write(file), file.Close())
}
