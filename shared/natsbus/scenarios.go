package natsbus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Scenarios keeps scenario sources by their content.
type Scenarios struct{ store jetstream.ObjectStore }

// Put stores a source and returns the hex SHA-256 that names it. To store it again is no error.
func (s *Scenarios) Put(ctx context.Context, source []byte) (string, error) {
	sum := sha256.Sum256(source)
	name := hex.EncodeToString(sum[:])
	err := retry(ctx, "put scenario "+name, func(ctx context.Context) error {
		_, err := s.store.GetInfo(ctx, name)
		if !errors.Is(err, jetstream.ErrObjectNotFound) {
			return err
		}
		_, err = s.store.PutBytes(ctx, name, source)
		return err
	})
	return name, err
}

// Get returns the source of that name. It fails with load.ErrNotFound.
func (s *Scenarios) Get(ctx context.Context, name string) ([]byte, error) {
	var source []byte
	err := retry(ctx, "get scenario "+name, func(ctx context.Context) (err error) {
		source, err = s.store.GetBytes(ctx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(source); hex.EncodeToString(sum[:]) != name {
		return nil, &load.FieldError{Field: "scenario", Message: "the stored source is not the one that was put"}
	}
	return source, nil
}
