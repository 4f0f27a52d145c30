package natsbus

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Names of what the bus keeps.
const (
	tokenStream     = "LOADPILOT_TOKENS"
	eventStream     = "LOADPILOT_EVENTS"
	runBucket       = "LOADPILOT_RUNS"
	leaseBucket     = "LOADPILOT_LEASES"
	seatBucket      = "LOADPILOT_SEATS"
	generatorBucket = "LOADPILOT_GENERATORS"
	scenarioBucket  = "LOADPILOT_SCENARIOS"

	secretsBucket = "LOADPILOT_ENV" //nolint:gosec // a name

	bucketStream  = "KV_" // + bucket: the stream that holds it
	bucketSubject = "$KV."

	tokenPrefix = "loadpilot.tokens."
	eventPrefix = "loadpilot.events."
	livePrefix  = "loadpilot.live."
)

// maxConsumers replaces the server's limit of 1000 consumers a stream: each generator watches the run records.
const maxConsumers = 1 << 16

// runHistory is how many revisions of a run record are kept, for people.
const runHistory = 8

func tokenSubject(pool, run string) string { return tokenPrefix + pool + "." + run }

func latencySubject(run, generator string) string { return eventPrefix + run + ".latency." + generator }

func stateSubject(run string) string { return eventPrefix + run + ".state" }

func resultSubject(run string) string { return eventPrefix + run + ".result" }

// streams returns how each stream is made. Everything is on disk: a lease bucket in memory would not outlive a restart of
// the server, and nobody could own a run again.
func (c Config) streams() []jetstream.StreamConfig {
	return []jetstream.StreamConfig{
		{
			// Not a work queue: that forgets the ids of acknowledged messages over a restart, and cannot be looked at.
			Name: tokenStream, Description: "Rate tokens: slices of one second of a run",
			Subjects: []string{tokenPrefix + "*.*"}, MaxAge: 15 * time.Minute, Duplicates: 5 * time.Minute,
			MaxConsumers: maxConsumers, Replicas: c.Replicas, AllowDirect: true,
		},
		{
			Name: eventStream, Description: "Latency events of generators, decisions and results of aggregators",
			Subjects: []string{eventPrefix + "*.latency.*", eventPrefix + "*.state", eventPrefix + "*.result"},
			MaxAge:   24 * time.Hour, Duplicates: 10 * time.Minute,
			// When it is full it must say so: to drop the oldest would falsify results.
			MaxBytes: c.EventsMaxBytes, Discard: jetstream.DiscardNew,
			MaxConsumers: maxConsumers, Replicas: c.Replicas, AllowDirect: true,
		},
		c.bucket(runBucket, "Run records", runHistory, 0),
		// The age limit is the bucket's: one on a key is lost with the key's next update.
		c.bucket(leaseBucket, "Who owns a run", 1, c.Expiry),
		c.bucket(seatBucket, "Numbers of the generators of a run", 1, seatExpiry),
		c.bucket(secretsBucket, "Secrets of runs: environments of their scenarios, credentials", 1, secretsExpiry),
		c.bucket(generatorBucket, "Generators that are alive", 1, c.Expiry),
	}
}

// bucket is the stream that the client makes for a key-value bucket, except that it may have more consumers.
func (c Config) bucket(name, description string, history int64, expiry time.Duration) jetstream.StreamConfig {
	duplicates := 2 * time.Minute
	if expiry > 0 {
		duplicates = min(duplicates, expiry)
	}
	return jetstream.StreamConfig{
		Name: bucketStream + name, Description: description, Subjects: []string{bucketSubject + name + ".>"},
		MaxMsgsPerSubject: history, MaxAge: expiry, Duplicates: duplicates, Discard: jetstream.DiscardNew,
		AllowRollup: true, DenyDelete: true, AllowDirect: true, MaxConsumers: maxConsumers, Replicas: c.Replicas,
	}
}

// makeStreams makes the streams and buckets that do not exist, all at the same time: a round trip may take long. Several
// processes may do so at once.
func (b *Bus) makeStreams(ctx context.Context) error {
	streams := b.config.streams()
	errs := make([]error, len(streams)+1)
	var group sync.WaitGroup
	for i, s := range streams {
		group.Go(func() { errs[i] = b.provideStream(ctx, s) })
	}
	group.Go(func() { errs[len(streams)] = b.provideScenarios(ctx) })
	group.Wait()
	return cmp.Or(errs...)
}

func (b *Bus) provideStream(ctx context.Context, s jetstream.StreamConfig) error {
	return retry(ctx, "make stream "+s.Name, func(ctx context.Context) error {
		_, err := b.js.Stream(ctx, s.Name)
		if !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		err = b.makeStream(ctx, s)
		if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return nil // someone with another configuration was faster
		}
		return err
	})
}

func (b *Bus) provideScenarios(ctx context.Context) error {
	return retry(ctx, "make bucket "+scenarioBucket, func(ctx context.Context) error {
		_, err := b.js.ObjectStore(ctx, scenarioBucket)
		if !errors.Is(err, jetstream.ErrBucketNotFound) && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return err
		}
		_, err = b.js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{
			Bucket: scenarioBucket, Description: "Scenario sources and data files by their SHA-256", Replicas: b.config.Replicas,
		})
		if errors.Is(err, jetstream.ErrBucketExists) {
			return nil
		}
		return err
	})
}

// lacksStorage is the server's code for a stream that may become larger than its disk has room.
const lacksStorage jetstream.ErrorCode = 10047

// makeStream makes a stream. One that is to be larger than the server has room for is made smaller.
func (b *Bus) makeStream(ctx context.Context, s jetstream.StreamConfig) error {
	for {
		_, err := b.js.CreateStream(ctx, s)
		api, ok := errors.AsType[*jetstream.APIError](err)
		if !ok || api.ErrorCode != lacksStorage || s.MaxBytes < 2 {
			return err
		}
		s.MaxBytes /= 2
	}
}
