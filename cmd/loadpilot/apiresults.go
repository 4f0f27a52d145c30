package main

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// apiResults reads the results of API load tests from where the api command keeps them: the state folder, and Redis.
type apiResults struct {
	redisURL string // archive.NoRedis: in the folder only
}

// Recent returns rows of the tests that started last.
func (a apiResults) Recent(ctx context.Context, n int) (rows []byte, err error) {
	err = a.ask(func(s *archive.Store) error {
		list, _, err := s.Recent(ctx, n)
		if err != nil {
			return err
		}
		rows, err = json.Marshal(list)
		return err
	})
	return rows, err
}

// Result returns the result of a test.
func (a apiResults) Result(ctx context.Context, id string) (result []byte, err error) {
	err = a.ask(func(s *archive.Store) error {
		var r *run.Result
		if r, err = s.Get(ctx, id); err != nil {
			return err
		}
		result, err = json.Marshal(r)
		return err
	})
	return result, err
}

// ask asks a store that is made for the occasion: one that has found no Redis does not try again.
func (a apiResults) ask(question func(*archive.Store) error) error {
	dir, err := stateDir()
	if err != nil {
		return err
	}
	store, err := archive.Open(archive.Config{RedisURL: a.redisURL, Dir: filepath.Join(dir, "api-results")})
	if err != nil {
		return err
	}
	return errors.Join(question(store), store.Close())
}
