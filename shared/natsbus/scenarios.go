package natsbus

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Scenarios keeps scenario sources, and the data files that these read, by their content.
type Scenarios struct{ store jetstream.ObjectStore }

// Put stores a text and returns the hex SHA-256 that names it. To store it again is no error.
func (s *Scenarios) Put(ctx context.Context, text []byte) (string, error) {
	sum := sha256.Sum256(text)
	name := hex.EncodeToString(sum[:])
	err := retryLarge(ctx, "put scenario "+name, len(text), func(ctx context.Context) error {
		_, err := s.store.GetInfo(ctx, name)
		if !errors.Is(err, jetstream.ErrObjectNotFound) {
			return err
		}
		_, err = s.store.PutBytes(ctx, name, text)
		return err
	})
	return name, err
}

// Get returns the text of that name. It fails with load.ErrNotFound.
func (s *Scenarios) Get(ctx context.Context, name string) ([]byte, error) {
	var size int
	err := retry(ctx, "look up scenario "+name, func(ctx context.Context) error {
		info, err := s.store.GetInfo(ctx, name)
		if err == nil {
			size = int(info.Size) //nolint:gosec // at most what somebody put
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var text []byte
	err = retryLarge(ctx, "get scenario "+name, size, func(ctx context.Context) (err error) {
		text, err = s.store.GetBytes(ctx, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != name {
		return nil, &load.FieldError{Field: "scenario", Message: "the stored text is not the one that was put"}
	}
	return text, nil
}
