package natsbus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	// lookEvery is the shortest time between two looks for what can be purged.
	lookEvery = time.Second
	// storeFailed is the server's code for a message that a stream did not take; the text says why.
	storeFailed jetstream.ErrorCode = 10077
)

// room makes room in the event stream. Publishers of one process share it: one looks, the others just try again.
type room struct {
	mu     sync.Mutex // held by the one that looks
	looked time.Time
}

// full returns what to say of a publish that was refused because the event stream has reached one of its limits, else nil.
func full(err error) error {
	api, ok := errors.AsType[*jetstream.APIError](err)
	if !ok || api.ErrorCode != storeFailed || !strings.HasPrefix(api.Description, "maximum ") {
		return nil
	}
	return fmt.Errorf("%w: the event stream is full: %s", load.ErrUnavailable, api.Description)
}

// makeRoom purges the latency events of runs that need them no more, the oldest run first, until a tenth of the event stream
// is free. It does nothing if another look is under way or was less than a second ago: publishers try again far more often.
func (b *Bus) makeRoom(ctx context.Context) error {
	if !b.room.mu.TryLock() {
		return nil
	}
	defer b.room.mu.Unlock()
	if time.Since(b.room.looked) < lookEvery {
		return nil
	}
	defer func() { b.room.looked = time.Now() }()
	return once(ctx, "make room", b.purgeEnded)
}

func (b *Bus) purgeEnded(ctx context.Context) error {
	stream, err := b.js.Stream(ctx, eventStream)
	if err != nil {
		return err
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(latencySubject("*", "*")))
	if err != nil {
		return err
	}
	for _, run := range runsOf(info.State.Subjects) {
		if ended, err := b.ended(ctx, run); err != nil {
			b.log.Warn("events kept", "run", run, "error", err)
			continue
		} else if !ended {
			continue
		}
		if err := stream.Purge(ctx, jetstream.WithPurgeSubject(latencySubject(run, "*"))); err != nil {
			return fmt.Errorf("purge events of run %s: %w", run, err)
		}
		b.log.Info("the event stream was full: purged the latency events of an ended run", "run", run)
		if info, err = stream.Info(ctx); err != nil {
			return err
		}
		if info.State.Bytes <= uint64(max(0, info.Config.MaxBytes))/10*9 {
			return nil
		}
	}
	return nil
}

// runsOf returns the runs of latency subjects, the oldest first: their ids begin with the time.
func runsOf(subjects map[string]uint64) []string {
	var runs []string
	for subject := range subjects {
		run, _, _ := strings.Cut(strings.TrimPrefix(subject, eventPrefix), ".")
		runs = append(runs, run)
	}
	slices.Sort(runs)
	return slices.Compact(runs)
}

// ended reports whether nobody needs the latency events of a run any more: its record is final, so that no owner reads them
// again, and its result is stored. A run that failed for want of infrastructure measured nothing. It needs no result first:
// the one that filled the stream alone could never store it.
func (b *Bus) ended(ctx context.Context, id string) (bool, error) {
	run, err := b.Runs.Get(ctx, id)
	switch {
	case errors.Is(err, load.ErrNotFound): // deleted by hand
	case err != nil:
		return false, err
	case !run.State.Final():
		return false, nil
	case run.Cause == load.CauseInfra:
		return true, nil
	}
	_, err = b.Events.Result(ctx, id)
	if errors.Is(err, load.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
