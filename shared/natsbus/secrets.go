package natsbus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// secretsExpiry is how long the secrets are kept of a run that nobody ends. Any other run is over by then.
const secretsExpiry = 2 * load.MaxDuration

// Secrets keeps what runs need and nobody else may see. A run that ends takes its secrets along: see Runs. Errors hold no values.
type Secrets struct {
	bucket jetstream.KeyValue
	stream jetstream.Stream // that holds the bucket
}

type secrets struct {
	V         int               `json:"v"`
	Values    map[string]string `json:"values"` // what the scenario sees as os.environ
	Transport load.Credentials  `json:"transport,omitzero"`
}

// Put stores the secrets of a run. To store them again is no error; it fails with load.ErrConflict if the run has others.
func (s *Secrets) Put(ctx context.Context, run string, of load.Secrets) error {
	if err := checkName("run", run); err != nil {
		return err
	}
	data, err := json.Marshal(secrets{V: 1, Values: of.Env, Transport: of.Credentials})
	if err != nil {
		return fmt.Errorf("encode secrets: %w", err)
	}
	err = retry(ctx, "put secrets of run "+run, func(ctx context.Context) error {
		_, err := s.bucket.Create(ctx, run, data)
		return err
	})
	if !errors.Is(err, load.ErrConflict) {
		return err
	}
	if stored, got := s.read(ctx, run); got != nil || !bytes.Equal(stored, data) {
		return errors.Join(err, got)
	}
	return nil
}

// Get returns the secrets of a run. It fails with load.ErrNotFound if there are none, or none any more.
func (s *Secrets) Get(ctx context.Context, run string) (load.Secrets, error) {
	if err := checkName("run", run); err != nil {
		return load.Secrets{}, err
	}
	data, err := s.read(ctx, run)
	if err != nil {
		return load.Secrets{}, err
	}
	var stored secrets
	if err := json.Unmarshal(data, &stored); err != nil {
		return load.Secrets{}, fmt.Errorf("read secrets of run %s: %w", run, err)
	}
	return load.Secrets{Env: stored.Values, Credentials: stored.Transport}, nil
}

func (s *Secrets) read(ctx context.Context, run string) (data []byte, err error) {
	err = retry(ctx, "get secrets of run "+run, func(ctx context.Context) error {
		entry, err := s.bucket.Get(ctx, run)
		if err == nil {
			data = entry.Value()
		}
		return err
	})
	return data, err
}

// Delete removes the secrets of a run, if it has some, and every trace of them.
func (s *Secrets) Delete(ctx context.Context, run string) error {
	if err := checkName("run", run); err != nil {
		return err
	}
	return retry(ctx, "delete secrets of run "+run, func(ctx context.Context) error {
		return s.stream.Purge(ctx, jetstream.WithPurgeSubject(bucketSubject+secretsBucket+"."+run))
	})
}
