package redisstore

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/loadpilot/loadpilot/shared/load"
)

// TTL is how long Redis keeps what was written about a run after the last write.
const TTL = 24 * time.Hour

const (
	// callTimeout bounds one call, with the connection that it may have to open.
	callTimeout = time.Second
	// chunk is how many seconds of a series go into one call, about 1 MB.
	chunk = 2000
)

// Defaults of a Config.
const (
	DefaultURL    = "redis://127.0.0.1:6379/0"
	DefaultPrefix = "load_test"
)

// Config says how to reach Redis.
type Config struct {
	URL    string // redis://[user:password@]host:port/db, or rediss:// or unix://
	Prefix string // of all keys
	Logger *slog.Logger
}

// Store writes to Redis, and reads it. It is safe for concurrent use.
type Store struct {
	client *redis.Client
	prefix string
	log    *slog.Logger
	away   atomic.Bool // the last call found no Redis
}

// Open returns a store without asking Redis. It fails with load.ErrInvalid for a URL that cannot be right. The caller must
// call Close.
func Open(c Config) (*Store, error) {
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Prefix == "" {
		c.Prefix = DefaultPrefix
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	options, err := redis.ParseURL(c.URL)
	if err != nil {
		if _, ok := errors.AsType[*url.Error](err); ok { // its text would show a password
			err = errors.New("not a URL such as " + DefaultURL + "; special characters of a password must be percent-encoded")
		}
		return nil, &load.FieldError{Field: "redis_url", Message: err.Error()}
	}
	options.DialTimeout, options.ReadTimeout, options.WriteTimeout = callTimeout/2, callTimeout, callTimeout
	options.ContextTimeoutEnabled = true
	options.DisableIdentity = true // it would cost each connection a round trip
	options.DialerRetries = 1
	options.MaxRetries = 1 // for a pooled connection that the server has closed
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	redis.SetLogger(silent{}) // it is the client's only switch, and would log every failed dial
	return &Store{client: redis.NewClient(options), prefix: c.Prefix, log: c.Logger}, nil
}

// silent drops what the client would print: its errors are returned as well.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Close ends all connections.
func (s *Store) Close() error {
	if err := s.client.Close(); err != nil {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}

func (s *Store) key(name, run string) string { return s.prefix + ":" + name + ":" + run }

func (s *Store) recentKey() string { return s.prefix + ":recent" }

//go:embed write.lua
var writeSource string

// write is the fenced write. Its answer is -1 if a newer epoch has written, 1 if Redis did not know the run, else 0.
var write = redis.NewScript(writeSource)

// Write stores what is new about a run and publishes its live line. rewrite says that Redis had forgotten the run, or never
// knew it, so that all of its seconds must be written again.
//
// It fails with load.ErrConflict if a newer epoch has written, and with load.ErrUnavailable if Redis does not answer; then
// it is not known what was written.
func (s *Store) Write(ctx context.Context, u load.StoreUpdate) (rewrite bool, err error) {
	keys := []string{s.key("live", u.Run), s.key("series", u.Run), s.recentKey(), s.key("results", u.Run)}
	head, err := s.head(u)
	if err != nil {
		return false, fmt.Errorf("write run %s to Redis: %w", u.Run, err)
	}
	for first := true; first || len(u.Seconds) > 0; first = false {
		n := min(chunk, len(u.Seconds))
		args := slices.Clone(head)
		for _, second := range u.Seconds[:n] {
			text, err := json.Marshal(second)
			if err != nil {
				return false, fmt.Errorf("write run %s to Redis: encode second %d: %w", u.Run, second.Second, err)
			}
			args = append(args, second.Second, text)
		}
		u.Seconds = u.Seconds[n:]
		answer, err := s.run(ctx, keys, args)
		if err != nil {
			return false, fmt.Errorf("write run %s to Redis: %w", u.Run, err)
		}
		if answer < 0 {
			return false, fmt.Errorf("write run %s to Redis in epoch %d: %w", u.Run, u.Epoch, load.ErrConflict)
		}
		rewrite = rewrite || answer > 0
	}
	return rewrite, nil
}

// head returns the arguments of the script before the seconds.
func (s *Store) head(u load.StoreUpdate) ([]any, error) {
	snapshot, err := json.Marshal(u.Live)
	if err != nil {
		return nil, fmt.Errorf("encode live snapshot: %w", err)
	}
	return []any{
		strconv.FormatUint(u.Epoch, 10), int(TTL / time.Second), u.Run,
		u.StartedAt.UnixMilli(), time.Now().Add(-TTL).UnixMilli(),
		string(u.State), u.Verdict, u.Trust, snapshot, u.Result,
	}, nil
}

func (s *Store) run(ctx context.Context, keys []string, args []any) (answer int, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		answer, err = write.Run(ctx, s.client, keys, args...).Int()
		return err
	})
	return answer, err
}

// Result returns the final JSON of a run. It fails with load.ErrNotFound if there is none, or none any more.
func (s *Store) Result(ctx context.Context, run string) (result []byte, err error) {
	err = s.call(ctx, func(ctx context.Context) error {
		result, err = s.client.Get(ctx, s.key("results", run)).Bytes()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read result of run %s from Redis: %w", run, err)
	}
	return result, nil
}

// Series returns the seconds of a run that are stored, in order. It fails with load.ErrNotFound if there are none, and with
// load.ErrUnavailable if Redis does not answer.
func (s *Store) Series(ctx context.Context, run string) ([]load.Second, error) {
	var texts []string
	err := s.call(ctx, func(ctx context.Context) (err error) {
		texts, err = s.client.HVals(ctx, s.key("series", run)).Result()
		return err
	})
	if err == nil && len(texts) == 0 {
		err = load.ErrNotFound
	}
	seconds := make([]load.Second, len(texts))
	for i := 0; i < len(texts) && err == nil; i++ {
		err = json.Unmarshal([]byte(texts[i]), &seconds[i])
	}
	if err != nil {
		return nil, fmt.Errorf("read series of run %s from Redis: %w", run, err)
	}
	slices.SortFunc(seconds, func(a, b load.Second) int { return cmp.Compare(a.Second, b.Second) })
	return seconds, nil
}

// Summary is what the list of recent runs says about one of them.
type Summary struct {
	Run       string
	StartedAt time.Time // to the millisecond
	State     load.State
	Verdict   string // "passed" or "failed" once judged, else empty
	Trust     string // load.TrustLevel once judged, else empty
}

// Recent returns the runs that started last, the newest first, at most n of them.
func (s *Store) Recent(ctx context.Context, n int) ([]Summary, error) {
	var listed []redis.Z
	var fields []*redis.SliceCmd
	err := s.call(ctx, func(ctx context.Context) (err error) {
		listed, err = s.client.ZRevRangeWithScores(ctx, s.recentKey(), 0, int64(n)-1).Result()
		if err != nil || len(listed) == 0 {
			return err
		}
		fields = make([]*redis.SliceCmd, len(listed))
		_, err = s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for i, z := range listed {
				fields[i] = p.HMGet(ctx, s.key("live", fmt.Sprint(z.Member)), "state", "verdict", "trust")
			}
			return nil
		})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read recent runs from Redis: %w", err)
	}
	summaries := make([]Summary, 0, len(listed))
	for i, z := range listed {
		var live struct {
			State   string `redis:"state"`
			Verdict string `redis:"verdict"`
			Trust   string `redis:"trust"`
		}
		if err := fields[i].Scan(&live); err != nil {
			return nil, fmt.Errorf("read recent runs from Redis: %w", err)
		}
		if live.State == "" { // it has expired since the list was trimmed
			continue
		}
		summaries = append(summaries, Summary{
			Run: fmt.Sprint(z.Member), StartedAt: time.UnixMilli(int64(z.Score)).UTC(),
			State: load.State(live.State), Verdict: live.Verdict, Trust: live.Trust,
		})
	}
	return summaries, nil
}

// call bounds a conversation with Redis, translates its error, and logs where an outage begins and ends.
func (s *Store) call(ctx context.Context, f func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err := f(bounded)
	switch {
	case err == nil, errors.Is(err, redis.Nil):
		if s.away.CompareAndSwap(true, false) {
			s.log.InfoContext(ctx, "Redis is back")
		}
		if err != nil {
			return load.ErrNotFound
		}
		return nil
	case ctx.Err() != nil: // the caller gave up, which says nothing about Redis
		return ctx.Err()
	default:
		if s.away.CompareAndSwap(false, true) {
			s.log.WarnContext(ctx, "Redis is away: dashboards see nothing new, tests go on", "error", err)
		}
		return fmt.Errorf("%w: %w", load.ErrUnavailable, err)
	}
}
