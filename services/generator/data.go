package generator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// texts holds the data files of the runs under way, so that runs that read the same data have it in memory once.
type texts struct {
	mu   sync.Mutex
	held map[string]*heldText // by SHA-256
}

type heldText struct {
	text string
	runs int
}

// hold returns a text that somebody has and counts the caller among its users.
func (t *texts) hold(sha256 string) (string, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.held[sha256]
	if h == nil {
		return "", false
	}
	h.runs++
	return h.text, true
}

// keep adds a text for the caller, who gets the one of a faster caller if there is one.
func (t *texts) keep(sha256, text string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held[sha256] == nil {
		t.held[sha256] = &heldText{text: text}
	}
	t.held[sha256].runs++
	return t.held[sha256].text
}

// release gives texts up.
func (t *texts) release(hashes []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, sha256 := range hashes {
		if t.held[sha256].runs--; t.held[sha256].runs == 0 {
			delete(t.held, sha256)
		}
	}
}

// script fetches what the run's scenario is made of. The data files are held until release is called.
func (e *execution) script(run *load.Run, env load.Environment) (s Script, release func(), err error) {
	var held []string
	release = func() { e.service.texts.release(held) }
	s = Script{File: run.Source.File, Files: map[string]string{}, Env: env, Mask: e.recorder.mask.Replace, Plan: run.Plan, Seat: e.seat}
	s.Source, err = e.fetch(run.Source.SHA256)
	for _, f := range run.Source.Files {
		if err != nil {
			return s, release, err
		}
		text, have := e.service.texts.hold(f.SHA256)
		if !have {
			var data []byte
			if data, err = e.fetch(f.SHA256); err != nil {
				return s, release, fmt.Errorf("data file %s: %w", f.Name, err)
			}
			text = e.service.texts.keep(f.SHA256, string(data))
		}
		s.Files[f.Name] = text
		held = append(held, f.SHA256)
	}
	return s, release, err
}

// secrets gets what is kept apart for the run; errors do not show its values from then on.
func (e *execution) secrets(run *load.Run) (secrets load.Secrets, err error) {
	if !run.HasSecrets() {
		return secrets, nil
	}
	err = e.insist("fetch secrets", func() error {
		secrets, err = e.service.deps.Secrets.Get(e.over, run.ID)
		return err
	})
	e.recorder.mask = secrets.Mask()
	return secrets, err
}

// fetch gets a text of the run from the bus.
func (e *execution) fetch(sha256 string) (text []byte, err error) {
	err = e.insist("fetch scenario", func() error {
		text, err = e.service.deps.Scenarios.Get(e.over, sha256)
		return err
	})
	return text, err
}

// seat claims this generator's number in the run.
func (e *execution) seat(context.Context) (scenario.Seat, error) {
	run := e.run.Load()
	var number int
	err := e.insist("claim seat", func() (err error) {
		number, err = e.service.deps.Seats.Claim(e.over, run.ID, e.service.instance)
		return err
	})
	return scenario.Seat{Number: number, Of: run.Generators}, err
}

// insist repeats what the bus does not do, until it does, or the run needs it no more.
func (e *execution) insist(operation string, call func() error) error {
	for {
		err := call()
		if err == nil || errors.Is(err, load.ErrNotFound) {
			return err
		}
		e.log.Warn("bus does not answer, trying again", "operation", operation, "error", err)
		select {
		case <-e.over.Done():
			return context.Cause(e.over)
		case <-e.leaving:
			return err
		case <-time.After(retryEvery):
		}
	}
}

// stopWhenExhausted asks for the stop of the run when a script has run out of data.
func (e *execution) stopWhenExhausted(ctx context.Context) {
	select {
	case reason := <-e.exhausted:
		e.log.Info("run is to stop", "reason", reason)
		e.stop(ctx, reason)
	case <-ctx.Done():
	}
}

// stop changes the run's record, until that is accepted or the record says that somebody else has stopped it.
func (e *execution) stop(ctx context.Context, reason string) {
	for ctx.Err() == nil {
		run := *e.run.Load()
		if !run.Stop(e.service.deps.Clock.Now(), reason) {
			return
		}
		_, err := e.service.deps.Runs.Update(ctx, run)
		if err == nil {
			return // the watch of runs tells everybody
		}
		if !errors.Is(err, load.ErrConflict) {
			e.log.Warn("run not stopped, trying again", "error", err)
		}
		pause(ctx, retryEvery)
	}
}
