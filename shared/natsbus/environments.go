package natsbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// environmentExpiry is how long an environment is kept whose run nobody ends. Any other run is over by then.
const environmentExpiry = 2 * load.MaxDuration

// Environments keeps what the scenarios of runs see as os.environ. A run that ends takes its environment along: see Runs.
// Errors hold no values.
type Environments struct {
	bucket jetstream.KeyValue
	stream jetstream.Stream // that holds the bucket
}

type environment struct {
	V      int               `json:"v"`
	Values map[string]string `json:"values"`
}

// Put stores the environment of a run. To store it again is no error; it fails with load.ErrConflict if the run has another.
func (e *Environments) Put(ctx context.Context, run string, env load.Environment) error {
	if err := checkName("run", run); err != nil {
		return err
	}
	data, err := json.Marshal(environment{V: 1, Values: env})
	if err != nil {
		return fmt.Errorf("encode environment: %w", err)
	}
	err = retry(ctx, "put environment of run "+run, func(ctx context.Context) error {
		_, err := e.bucket.Create(ctx, run, data)
		return err
	})
	if !errors.Is(err, load.ErrConflict) {
		return err
	}
	if stored, got := e.Get(ctx, run); got != nil || !maps.Equal(stored, env) {
		return errors.Join(err, got)
	}
	return nil
}

// Get returns the environment of a run. It fails with load.ErrNotFound if there is none, or none any more.
func (e *Environments) Get(ctx context.Context, run string) (load.Environment, error) {
	if err := checkName("run", run); err != nil {
		return nil, err
	}
	var stored environment
	err := retry(ctx, "get environment of run "+run, func(ctx context.Context) error {
		entry, err := e.bucket.Get(ctx, run)
		if err != nil {
			return err
		}
		return json.Unmarshal(entry.Value(), &stored)
	})
	return stored.Values, err
}

// Delete removes the environment of a run, if it has one, and every trace of it.
func (e *Environments) Delete(ctx context.Context, run string) error {
	if err := checkName("run", run); err != nil {
		return err
	}
	return retry(ctx, "delete environment of run "+run, func(ctx context.Context) error {
		return e.stream.Purge(ctx, jetstream.WithPurgeSubject(bucketSubject+environmentBucket+"."+run))
	})
}
