package archive

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

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
	// page is how many results are read from Redis at once, each some 100 kB.
	page = 10
)

// Patience is how long a run waits for Redis when it is over, and Last in any case. It is as long as one call to it may take.
const Patience = time.Second

// Config says where results are kept.
type Config struct {
	RedisURL string // redisstore.DefaultURL; NoRedis: in the folder only
	Prefix   string // of all keys in Redis: DefaultPrefix
	Dir      string // ~/.local/state/loadpilot/api-results
}

// Store keeps results, for one command: a Redis that failed once is not asked again. It is safe for concurrent use, also by several
// processes.
type Store struct {
	folder folder
	redis  *redisstore.Store     // nil: none
	addr   string                // of Redis, for people
	away   atomic.Pointer[error] // how Redis failed
	said   atomic.Bool           // Put has told the user of it
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

// ask asks Redis, unless that failed before. That there was no time until the end of ctx is no failure of Redis.
func (s *Store) ask(ctx context.Context, f func() error) error {
	if away := s.away.Load(); away != nil {
		return *away
	}
	err := f()
	end, ends := ctx.Deadline()
	if errors.Is(err, load.ErrUnavailable) && (!ends || time.Now().Before(end)) {
		s.away.Store(&err)
	}
	return err
}

// Put keeps a result. It fails if that is kept nowhere. It goes on when ctx ends: what an interrupted run found out is kept, too, and
// nothing else that is asked of Redis takes the time for it. What is wrong with Redis is told once.
func (s *Store) Put(ctx context.Context, r *run.Result) (run.Kept, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return run.Kept{}, fmt.Errorf("keep the result: %w", err)
	}
	file, fileErr := s.folder.put(r.TestID, text)
	if s.redis == nil {
		return run.Kept{File: file}, fileErr
	}
	ctx = context.WithoutCancel(ctx)
	redisErr := s.ask(ctx, func() error { return s.redis.Put(ctx, r.TestID, r.StartedAt, text) })
	switch {
	case fileErr != nil && redisErr != nil:
		return run.Kept{}, fmt.Errorf("%w; and not stored in %s", fileErr, s.without(redisErr))
	case fileErr != nil:
		return run.Kept{Redis: true, Note: fmt.Sprintf("%v; stored in Redis at %s for a day", fileErr, s.addr)}, nil
	case redisErr != nil && s.said.Swap(true):
		return run.Kept{File: file}, nil
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
		err := s.ask(ctx, func() error {
			stored, err := s.redis.IDs(ctx, maxFiles)
			ids = append(ids, stored...)
			return err
		})
		if err != nil {
			note = "; not asked: " + s.without(err)
		}
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
		err = s.ask(ctx, func() error {
			text, err = s.redis.Result(ctx, id)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("result %s: %w", id, err)
	}
	r, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("result %s cannot be read: %w", id, err)
	}
	return r, nil
}

// Recent returns the n results that started last, the newest first. It fails with load.ErrUnavailable if neither the folder nor
// Redis can be read.
func (s *Store) Recent(ctx context.Context, n int) (list []run.Summary, note string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*Patience)
	defer cancel()
	list = []run.Summary{}
	known := map[string]bool{}
	folderErr := s.folder.heads(func(r *run.Result) bool {
		list = append(list, r.Summary())
		known[r.TestID] = true
		return len(list) < n
	})
	var stored []run.Summary
	redisErr := s.elsewhere(ctx, n, func(id string) bool { return known[id] }, func(r *run.Result, _ []byte) bool {
		stored = append(stored, r.Summary())
		return true
	})
	if redisErr == nil { // else the list is of the folder, and said to be
		list = append(list, stored...)
	}
	if note, err = s.unread(folderErr, redisErr); err != nil {
		return nil, "", err
	}
	slices.SortFunc(list, func(a, b run.Summary) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.TestID, a.TestID))
	})
	return list[:min(n, len(list))], note, nil
}

// Last returns the newest completed result with that Config.Key that is not id. It fails with load.ErrNotFound. When ctx ends, it does
// with what the folder has.
func (s *Store) Last(ctx context.Context, key, id string) (last *run.Result, err error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	fits := func(r *run.Result) bool {
		return r.TestID != id && r.State == run.StateCompleted && r.Config.Key() == key
	}
	known := map[string]bool{}
	folderErr := s.folder.heads(func(r *run.Result) bool {
		known[r.TestID] = true
		if fits(r) {
			last = s.folder.whole(r.TestID)
		}
		return last == nil
	})
	older := func(id string) bool { return last != nil && id < last.TestID }
	redisErr := s.elsewhere(ctx, maxFiles, func(id string) bool { return known[id] || older(id) }, func(r *run.Result, text []byte) bool {
		if !fits(r) || last != nil && r.StartedAt.Before(last.StartedAt) {
			return true
		}
		whole, err := decode(text)
		if err == nil {
			last = whole
		}
		return err != nil
	})
	if last != nil {
		return last, nil
	}
	if _, err := s.unread(folderErr, redisErr); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("an earlier result of the same test: %w", load.ErrNotFound)
}

// elsewhere calls a function with those of the n newest results in Redis that are not to be skipped, the newest first, until that
// returns false.
func (s *Store) elsewhere(ctx context.Context, n int, skip func(id string) bool, call func(head *run.Result, text []byte) bool) error {
	if s.redis == nil {
		return nil
	}
	return s.ask(ctx, func() error {
		ids, err := s.redis.IDs(ctx, n)
		if err != nil {
			return err
		}
		for ids := range slices.Chunk(slices.DeleteFunc(ids, skip), page) {
			texts, err := s.redis.Results(ctx, ids)
			if err != nil {
				return err
			}
			for _, text := range texts {
				if r, err := decodeHead(bytes.NewReader(text)); err == nil && !call(r, text) {
					return nil
				}
			}
		}
		return nil
	})
}

// unread says which of the folder and Redis could not be read. It fails with load.ErrUnavailable if none could.
func (s *Store) unread(folderErr, redisErr error) (note string, err error) {
	switch {
	case folderErr != nil && redisErr != nil:
		err = fmt.Errorf("%w, nor %s: %w", folderErr, s.without(redisErr), load.ErrUnavailable)
	case folderErr != nil && s.redis == nil:
		err = fmt.Errorf("%w: %w", folderErr, load.ErrUnavailable)
	case folderErr != nil:
		note = folderErr.Error()
	case redisErr != nil:
		note = fmt.Sprintf("without %s; these are the results in %s", s.without(redisErr), s.folder)
	}
	return note, err
}
