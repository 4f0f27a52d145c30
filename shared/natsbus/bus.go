package natsbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Bus is a connection to NATS, by role.
type Bus struct {
	Runs       *Runs
	Scenarios  *Scenarios
	Tokens     *Tokens
	Events     *Events
	Live       *Live
	Leases     *Leases
	Seats      *Seats
	Generators *Generators
	Clock      *Clock

	Secrets *Secrets

	config Config
	log    *slog.Logger
	nc     *nats.Conn
	js     jetstream.JetStream
	closed chan struct{} // closed when the client has ended

	lifetime context.Context //nolint:containedctx // ends with Close; it bounds watches beside their own contexts
	end      context.CancelFunc
	workers  sync.WaitGroup
	room     room

	mu        sync.Mutex
	reconnect chan struct{} // closed and replaced by each reconnect
}

const (
	// pause between attempts to connect, and to reconnect.
	dialPause = 250 * time.Millisecond
	// A connection whose other end is gone without a word is given up after 2 to 3 pings.
	pingInterval = 5 * time.Second
	// writeTimeout is when a connection that takes nothing more off this end is given up. The client's own minute would hold up
	// everyone who sends anything, whatever their contexts say.
	writeTimeout = 3 * time.Second
	// asyncPending is how many tokens may be under way at once, for all runs of a process.
	asyncPending = 1 << 16
)

// Connect reaches NATS, makes the streams and buckets that are absent, and measures the bus time. It fails with
// load.ErrUnavailable when that does not succeed within the configured time, and with load.ErrInvalid for a configuration
// that cannot be right. The caller must call Close.
func Connect(ctx context.Context, config Config) (*Bus, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	b := &Bus{config: config, log: config.Logger, closed: make(chan struct{}), reconnect: make(chan struct{})}
	b.lifetime, b.end = context.WithCancel(context.Background())
	bounded, cancel := context.WithTimeout(ctx, config.ConnectTimeout)
	defer cancel()
	if err := b.start(bounded); err != nil {
		b.end()
		if b.nc != nil {
			b.nc.Close()
			<-b.closed
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("connect to %s: %w", config.where(), ctx.Err())
		}
		return nil, fmt.Errorf("connect to %s: %w", config.where(), err)
	}
	return b, nil
}

func (b *Bus) start(ctx context.Context) error {
	if err := b.dial(ctx); err != nil {
		return err
	}
	js, err := jetstream.New(b.nc, jetstream.WithDefaultTimeout(attemptTimeout),
		jetstream.WithPublishAsyncMaxPending(asyncPending), jetstream.WithPublishAsyncTimeout(publishTimeout))
	if err != nil {
		return fmt.Errorf("%w: %w", load.ErrUnavailable, err)
	}
	b.js = js
	b.Live, b.Clock = &Live{b}, &Clock{bus: b}
	for { // a server that is just starting has no JetStream yet
		err := b.makeStreams(ctx)
		if err == nil {
			break
		}
		if !errors.Is(err, load.ErrUnavailable) || !pause(ctx, dialPause) {
			return err
		}
	}
	if err := b.openStores(ctx); err != nil {
		return err
	}
	if err := b.Clock.synchronise(ctx); err != nil {
		return err
	}
	b.workers.Go(b.Clock.run)
	return nil
}

// openStores gets hold of the streams and buckets, all at the same time: a round trip may take long.
func (b *Bus) openStores(ctx context.Context) error {
	return retry(ctx, "open streams and buckets", func(ctx context.Context) error {
		var tokens, events, secretsStream jetstream.Stream
		var runs, leases, seats, generators, secrets jetstream.KeyValue
		var scenarios jetstream.ObjectStore
		var errs [9]error
		var group sync.WaitGroup
		group.Go(func() { tokens, errs[0] = b.js.Stream(ctx, tokenStream) })
		group.Go(func() { events, errs[1] = b.js.Stream(ctx, eventStream) })
		group.Go(func() { runs, errs[2] = b.js.KeyValue(ctx, runBucket) })
		group.Go(func() { leases, errs[3] = b.js.KeyValue(ctx, leaseBucket) })
		group.Go(func() { generators, errs[4] = b.js.KeyValue(ctx, generatorBucket) })
		group.Go(func() { scenarios, errs[5] = b.js.ObjectStore(ctx, scenarioBucket) })
		group.Go(func() { seats, errs[6] = b.js.KeyValue(ctx, seatBucket) })
		group.Go(func() { secrets, errs[7] = b.js.KeyValue(ctx, secretsBucket) })
		group.Go(func() { secretsStream, errs[8] = b.js.Stream(ctx, bucketStream+secretsBucket) })
		group.Wait()
		b.Tokens, b.Events = &Tokens{b, tokens}, &Events{b, events}
		b.Runs, b.Leases, b.Seats = &Runs{b, runs}, &Leases{leases}, &Seats{seats}
		b.Generators, b.Scenarios = &Generators{b, generators}, &Scenarios{scenarios}
		b.Secrets = &Secrets{secrets, secretsStream}
		return cmp.Or(errs[:]...)
	})
}

// dial connects; it goes on trying until ctx ends, unless the server refuses the credentials.
func (b *Bus) dial(ctx context.Context) error {
	options := []nats.Option{
		nats.Name(b.config.Name),
		nats.MaxReconnects(-1), nats.ReconnectWait(dialPause), nats.ReconnectJitter(dialPause, dialPause),
		nats.IgnoreAuthErrorAbort(), // credentials may be on their way
		nats.ReconnectBufSize(-1),   // what is sent late is wrong: stale pulls, stale acks
		nats.PingInterval(pingInterval), nats.MaxPingsOutstanding(2),
		nats.FlusherTimeout(writeTimeout), nats.ReconnectOnFlusherError(),
		nats.Timeout(onceTimeout),
		nats.DisconnectErrHandler(b.onDisconnect),
		nats.ReconnectHandler(b.onReconnect),
		nats.ErrorHandler(b.onError),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
	}
	if b.config.Creds != "" {
		options = append(options, nats.UserCredentials(b.config.Creds))
	}
	if b.config.InProcess != nil {
		options = append(options, nats.InProcessServer(b.config.InProcess))
	}
	for {
		nc, err := nats.Connect(b.config.URL, options...)
		if err == nil {
			b.nc = nc
			return nil
		}
		err = fmt.Errorf("%w: %w", load.ErrUnavailable, err)
		if errors.Is(err, nats.ErrAuthorization) || !pause(ctx, dialPause) {
			return err
		}
	}
}

// Close ends every watch, closes the connection, and returns when nothing of the bus runs any more. If NATS does not answer by
// then it is logged: all that may not have arrived is acknowledgements, of tokens that come again and are known.
func (b *Bus) Close() {
	b.end()
	b.workers.Wait()
	if b.nc.IsConnected() {
		if err := b.nc.FlushTimeout(onceTimeout); err != nil { // acks are sent without waiting
			b.log.Warn("bus did not answer at the end", "server", b.config.where(), "error", err)
		}
	}
	b.js.CleanupPublisher()
	b.nc.Close()
	<-b.closed
}

// bind returns a context that ends with ctx and with the bus, and what frees it.
func (b *Bus) bind(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(b.lifetime, cancel)
	return ctx, func() { stop(); cancel() }
}

// reconnected returns a channel that is closed by the next reconnect.
func (b *Bus) reconnected() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.reconnect
}

func (b *Bus) onReconnect(*nats.Conn) {
	b.log.Info("bus is back", "server", b.config.where())
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.reconnect)
	b.reconnect = make(chan struct{})
}

func (b *Bus) onDisconnect(_ *nats.Conn, err error) {
	if err != nil { // nil: Close
		b.log.Warn("bus is away", "server", b.config.where(), "error", err)
	}
}

func (b *Bus) onError(_ *nats.Conn, sub *nats.Subscription, err error) {
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	b.log.Warn("bus reports an error", "subject", subject, "error", err)
}
