package natsbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// seatExpiry is how long seats are kept. A run is over by then.
const seatExpiry = 2 * load.MaxDuration

// Seats numbers the generators of a run, from 0. A seat belongs to a process for good: one that comes in its place gets another.
type Seats struct{ bucket jetstream.KeyValue }

type seat struct {
	V        int    `json:"v"`
	Instance string `json:"instance"`
}

// Claim returns the seat of an instance in a run: the one it has, or else the first that is free. It fails with
// load.ErrUnavailable; then it may have one, and the next call finds it.
func (s *Seats) Claim(ctx context.Context, run, instance string) (int, error) {
	if err := checkName("run", run); err != nil {
		return 0, err
	}
	value, err := json.Marshal(seat{V: 1, Instance: instance})
	if err != nil {
		return 0, fmt.Errorf("encode seat: %w", err)
	}
	number, found, err := s.find(ctx, run, instance)
	for ; err == nil && !found; number++ {
		err = once(ctx, "claim seat of run "+run, func(ctx context.Context) error {
			_, err := s.bucket.Create(ctx, seatKey(run, number), value)
			return err
		})
		switch {
		case err == nil:
			return number, nil
		case errors.Is(err, load.ErrConflict):
			err = nil // somebody was faster: try the next
		}
	}
	return number, err
}

func seatKey(run string, number int) string { return run + "." + strconv.Itoa(number) }

// find returns the seat of an instance, or else how many are taken.
func (s *Seats) find(ctx context.Context, run, instance string) (number int, found bool, err error) {
	stored, err := entries(ctx, s.bucket, run+".*")
	if err != nil {
		return 0, false, err
	}
	for _, entry := range stored {
		var held seat
		if err := json.Unmarshal(entry.Value(), &held); err != nil {
			return 0, false, fmt.Errorf("decode seat: %w", err)
		}
		n, err := strconv.Atoi(strings.TrimPrefix(entry.Key(), run+"."))
		if err != nil {
			return 0, false, fmt.Errorf("decode seat: %w", err)
		}
		if held.Instance == instance {
			return n, true, nil
		}
	}
	return len(stored), false, nil
}
