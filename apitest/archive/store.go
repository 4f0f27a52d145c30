package archive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
)

// NoRedis is the URL of no Redis.
const NoRedis = "none"

// DefaultPrefix begins all keys in Redis.
const DefaultPrefix = "api_load_test"

const (
	// minPrefix is the length of the shortest beginning of an id that names a result.
	minPrefix = 6
	// remembered is how many results Last looks through.
	remembered = 200
)

// Config says where results are kept.
type Config struct {
	RedisURL string // redisstore.DefaultURL; NoRedis: in the folder only
	Prefix   string // of all keys in Redis: DefaultPrefix
	Dir      string // ~/.local/state/loadpilot/api-results
}

// Store keeps results. It is safe for concurrent use, also by several processes.
type Store struct {
	folder folder
	redis  *redisstore.Store // nil: none
	addr   string            // of Redis, for people
}

var _ run.Store = (*Store)(nil)

// Open returns a store without asking Redis or touching the folder. It fails with load.ErrInvalid for a URL that cannot be right.
// The caller must call Close.
func Open(c Config) (*Store, error) {
	if c.Dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil, fmt.Errorf("find the folder for results: %w", err)
		}
		c.Dir = filepath.Join(home, ".local", "state", "loadpilot", "api-results")
	}
	s := &Store{folder: folder(c.Dir)}
	if c.RedisURL == NoRedis {
		return s, nil
	}
	c.RedisURL = cmp.Or(c.RedisURL, redisstore.DefaultURL)
	var err error
	s.redis, err = redisstore.Open(redisstore.Config{URL: c.RedisURL, Prefix: cmp.Or(c.Prefix, DefaultPrefix)})
	if err != nil {
		return nil, err
	}
	if u, err := url.Parse(c.RedisURL); err == nil {
		s.addr = cmp.Or(u.Host, u.Path)
	}
	return s, nil
}

// Close ends the connections to Redis.
func (s *Store) Close() error {
	if s.redis == nil {
		return nil
	}
	return s.redis.Close()
}

// Put keeps a result. It fails if that is kept nowhere. It goes on when ctx ends: what an interrupted run found out is kept, too.
func (s *Store) Put(ctx context.Context, r *run.Result) (run.Kept, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return run.Kept{}, fmt.Errorf("keep the result: %w", err)
	}
	file, fileErr := s.folder.put(r.TestID, text)
	if s.redis == nil {
		return run.Kept{File: file}, fileErr
	}
	redisErr := s.redis.Put(context.WithoutCancel(ctx), r.TestID, r.StartedAt, text)
	switch {
	case fileErr != nil && redisErr != nil:
		return run.Kept{}, fmt.Errorf("%w; and not stored in %s", fileErr, s.without(redisErr))
	case fileErr != nil:
		return run.Kept{Redis: true, Note: fmt.Sprintf("%v; stored in Redis at %s for a day", fileErr, s.addr)}, nil
	case redisErr != nil:
		return run.Kept{File: file, Note: fmt.Sprintf("not stored in %s; kept in %s", s.without(redisErr), file)}, nil
	}
	return run.Kept{Redis: true, File: file}, nil
}

// without names Redis and says in a few words what is wrong with it.
func (s *Store) without(err error) string {
	_, why, _ := strings.Cut(err.Error(), load.ErrUnavailable.Error()+": ")
	if network, ok := errors.AsType[net.Error](err); ok && network.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		why = "no answer in time"
	} else if errno, ok := errors.AsType[syscall.Errno](err); ok {
		why = errno.Error()
	}
	return fmt.Sprintf("Redis at %s (%s)", s.addr, why)
}

// Get returns the result of an id, or of the beginning of one. It fails with load.ErrNotFound, and with load.ErrInvalid if several
// results begin so.
func (s *Store) Get(ctx context.Context, id string) (*run.Result, error) {
	ids, unreadable := s.folder.ids()
	note := ""
	if s.redis != nil {
		stored, err := s.redis.IDs(ctx, maxFiles)
		if err != nil {
			note = "; not asked: " + s.without(err)
		}
		ids = append(ids, stored...)
	}
	found := map[string]bool{}
	for _, known := range ids {
		if known == id || len(id) >= minPrefix && strings.HasPrefix(known, id) {
			found[known] = true
		}
	}
	switch {
	case len(found) == 0 && unreadable != nil:
		return nil, fmt.Errorf("result %s: %w%s", id, unreadable, note)
	case len(found) == 0:
		return nil, fmt.Errorf("result %s: %w%s", id, load.ErrNotFound, note)
	case len(found) > 1:
		return nil, fmt.Errorf("%d results begin with %s: %w", len(found), id, load.ErrInvalid)
	}
	for known := range found {
		id = known
	}
	text, err := s.folder.get(id)
	if err != nil && s.redis != nil {
		text, err = s.redis.Result(ctx, id)
	}
	if err != nil {
		return nil, fmt.Errorf("result %s: %w", id, err)
	}
	var r run.Result
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("result %s cannot be read: %w", id, err)
	}
	return &r, nil
}

// Recent returns the n results that started last, the newest first. It fails with load.ErrUnavailable if neither the folder nor
// Redis can be read.
func (s *Store) Recent(ctx context.Context, n int) (list []run.Summary, note string, err error) {
	results, note, err := s.newest(ctx, n)
	if err != nil {
		return nil, "", err
	}
	list = make([]run.Summary, len(results))
	for i, r := range results {
		list[i] = r.Summary()
	}
	return list, note, nil
}

// Last returns the newest completed result with that Config.Key that is not id. It fails with load.ErrNotFound.
func (s *Store) Last(ctx context.Context, key, id string) (*run.Result, error) {
	results, _, err := s.newest(ctx, remembered)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.TestID != id && r.State == run.StateCompleted && r.Config.Key() == key {
			return r, nil
		}
	}
	return nil, fmt.Errorf("an earlier result of the same test: %w", load.ErrNotFound)
}

// newest merges the n newest results of the folder and of Redis. The note says which of them could not be asked.
func (s *Store) newest(ctx context.Context, n int) (list []*run.Result, note string, err error) {
	texts, err := s.folder.newest(n)
	if err != nil {
		note = err.Error()
	}
	if s.redis != nil {
		stored, redisErr := s.redis.List(ctx, n)
		switch {
		case redisErr != nil && err != nil:
			return nil, "", fmt.Errorf("%w, nor %s: %w", err, s.without(redisErr), load.ErrUnavailable)
		case redisErr != nil:
			note = fmt.Sprintf("without %s; these are the results in %s", s.without(redisErr), s.folder)
		}
		texts = append(texts, stored...)
	} else if err != nil {
		return nil, "", fmt.Errorf("%w: %w", err, load.ErrUnavailable)
	}
	byID := map[string]*run.Result{}
	for _, text := range texts {
		var r run.Result
		if json.Unmarshal(text, &r) == nil { // one that a later version wrote in another way hides none of the others
			byID[r.TestID] = &r
		}
	}
	list = slices.SortedFunc(maps.Values(byID), func(a, b *run.Result) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.TestID, a.TestID))
	})
	return list[:min(n, len(list))], note, nil
}
