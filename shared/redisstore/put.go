package redisstore

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed put.lua
var putSource string

var put = redis.NewScript(putSource)

// Put stores the final JSON of something that has no live part, and its place in the list of recent ones. It fails with
// load.ErrUnavailable if Redis does not store it; then it is not known whether it did.
func (s *Store) Put(ctx context.Context, id string, startedAt time.Time, result []byte) error {
	err := s.call(ctx, func(ctx context.Context) error {
		// The whole script goes along, for a slow Redis has no time to say that it does not know it.
		return put.Eval(ctx, s.client, []string{s.key("results", id), s.recentKey()},
			int(TTL/time.Second), id, startedAt.UnixMilli(), time.Now().Add(-TTL).UnixMilli(), result).Err()
	})
	if err != nil {
		return fmt.Errorf("store result %s in Redis: %w", id, err)
	}
	return nil
}

// IDs returns what started last, the newest first, at most n of them; some may have expired. It fails with load.ErrUnavailable.
func (s *Store) IDs(ctx context.Context, n int) (ids []string, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		ids, err = s.client.ZRangeArgs(ctx, redis.ZRangeArgs{Key: s.recentKey(), Start: 0, Stop: n - 1, Rev: true}).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read recent ids from Redis: %w", err)
	}
	return ids, nil
}

// Results returns the JSON of results by their ids, without those that have expired. It fails with load.ErrUnavailable.
func (s *Store) Results(ctx context.Context, ids []string) ([][]byte, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = s.key("results", id)
	}
	var values []any
	err := s.call(ctx, func(ctx context.Context) (err error) {
		values, err = s.client.MGet(ctx, keys...).Result()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read recent results from Redis: %w", err)
	}
	var results [][]byte
	for _, value := range values {
		if text, ok := value.(string); ok { // nil: it has expired, or is not there yet
			results = append(results, []byte(text))
		}
	}
	return results, nil
}
