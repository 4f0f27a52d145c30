package natsbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// Runs keeps the run records. Whoever writes that a run has ended deletes its secrets by that.
type Runs struct {
	bus    *Bus
	bucket jetstream.KeyValue
}

// Create stores a new record and returns it with its revision. It fails with load.ErrConflict if the id exists.
func (r *Runs) Create(ctx context.Context, run load.Run) (load.Run, error) {
	return r.write(ctx, run, "create run "+run.ID, func(ctx context.Context, data []byte) (uint64, error) {
		return r.bucket.Create(ctx, run.ID, data)
	})
}

// Update replaces a record that nobody has changed since it was read with run.Revision, and returns it with its new
// revision. It fails with load.ErrConflict if somebody has.
func (r *Runs) Update(ctx context.Context, run load.Run) (load.Run, error) {
	return r.write(ctx, run, "update run "+run.ID, func(ctx context.Context, data []byte) (uint64, error) {
		return r.bucket.Update(ctx, run.ID, data, run.Revision)
	})
}

func (r *Runs) write(ctx context.Context, run load.Run, operation string,
	put func(context.Context, []byte) (uint64, error),
) (load.Run, error) {
	if err := errors.Join(checkName("run", run.ID), checkName("pool", run.Pool)); err != nil {
		return load.Run{}, err
	}
	data, err := wire.EncodeRun(run)
	if err != nil {
		return load.Run{}, err
	}
	err = once(ctx, operation, func(ctx context.Context) (err error) {
		run.Revision, err = put(ctx, data)
		return err
	})
	if err != nil {
		return load.Run{}, err
	}
	if run.State.Final() && run.HasSecrets() {
		if err := r.bus.Secrets.Delete(ctx, run.ID); err != nil {
			r.bus.log.Warn("secrets of an ended run are kept until they expire", "run", run.ID, "error", err)
		}
	}
	return run, nil
}

// Get returns a record. It fails with load.ErrNotFound.
func (r *Runs) Get(ctx context.Context, id string) (load.Run, error) {
	if err := checkName("run", id); err != nil {
		return load.Run{}, err
	}
	var run load.Run
	err := retry(ctx, "get run "+id, func(ctx context.Context) error {
		entry, err := r.bucket.Get(ctx, id)
		if err != nil {
			return err
		}
		if run, err = wire.DecodeRun(entry.Value()); err != nil {
			return err
		}
		run.Revision = entry.Revision()
		return nil
	})
	return run, err
}

// List returns all records, the newest first. One that cannot be read is logged and left out.
func (r *Runs) List(ctx context.Context) ([]load.Run, error) {
	stored, err := everyEntry(ctx, r.bucket)
	if err != nil {
		return nil, err
	}
	runs := make([]load.Run, 0, len(stored))
	for _, entry := range stored {
		run, err := wire.DecodeRun(entry.Value())
		if err != nil {
			r.bus.log.Warn("run record left out", "run", entry.Key(), "error", err)
			continue
		}
		run.Revision = entry.Revision()
		runs = append(runs, run)
	}
	slices.SortFunc(runs, func(a, b load.Run) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), strings.Compare(b.ID, a.ID))
	})
	return runs, nil
}

// Watch returns every present record and then every change, in the order of their revisions. The channel is closed when ctx
// or the bus ends.
func (r *Runs) Watch(ctx context.Context) (<-chan load.Run, error) {
	t := tail{bus: r.bus, stream: bucketStream + runBucket, subject: bucketSubject + runBucket + ".>", latest: true}
	return follow(ctx, t, func(m *nats.Msg, meta *nats.MsgMetadata) (load.Run, bool, error) {
		if m.Header.Get("KV-Operation") != "" { // a deletion, by hand
			return load.Run{}, false, nil
		}
		run, err := wire.DecodeRun(m.Data)
		run.Revision = meta.Sequence.Stream
		return run, err == nil, err
	})
}

// mostLists is how often a bucket is listed until nothing is missing.
const mostLists = 10

// everyEntry returns all present entries of a bucket. A key that changes while the bucket is listed can be left out: its earlier
// revision is gone and the new one comes after the end of the list. Then there are more keys than were told of, and it is listed again.
func everyEntry(ctx context.Context, bucket jetstream.KeyValue) ([]jetstream.KeyValueEntry, error) {
	newest := map[string]jetstream.KeyValueEntry{}
	for range mostLists {
		told, err := entries(ctx, bucket, ">")
		if err != nil {
			return nil, err
		}
		for _, e := range told {
			if known := newest[e.Key()]; known == nil || known.Revision() < e.Revision() {
				newest[e.Key()] = e
			}
		}
		var keys uint64
		err = once(ctx, "count "+bucket.Bucket(), func(ctx context.Context) error {
			status, err := bucket.Status(ctx)
			if err != nil {
				return err
			}
			keys = status.(*jetstream.KeyValueBucketStatus).StreamInfo().State.NumSubjects //nolint:forcetypeassert // there is no other type
			return nil
		})
		if err != nil {
			return nil, err
		}
		if uint64(len(newest)) >= keys {
			present := slices.Collect(maps.Values(newest))
			return slices.DeleteFunc(present, func(e jetstream.KeyValueEntry) bool { return e.Operation() != jetstream.KeyValuePut }), nil
		}
	}
	return nil, fmt.Errorf("list %s: its keys change too often: %w", bucket.Bucket(), load.ErrUnavailable)
}

// entries returns the newest entries of a bucket whose keys match a pattern, those that say that a key was deleted as well.
func entries(ctx context.Context, bucket jetstream.KeyValue, pattern string) ([]jetstream.KeyValueEntry, error) {
	var found []jetstream.KeyValueEntry
	err := once(ctx, "list "+bucket.Bucket(), func(ctx context.Context) error {
		w, err := bucket.Watch(ctx, pattern)
		if err != nil {
			return err
		}
		defer w.Stop() //nolint:errcheck // the entries are read by then
		for {
			select {
			case entry, ok := <-w.Updates():
				if !ok {
					return nats.ErrConnectionClosed
				}
				if entry == nil { // all present ones were told
					return nil
				}
				found = append(found, entry)
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
	return found, err
}
