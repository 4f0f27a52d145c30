// Package natsbus is the bus of LoadPilot on NATS JetStream: it stores run records, scenarios and leases, carries rate tokens
// from the schedulers to the generators and latency events from these to the aggregators, and tells the time that all of
// them share. docs/bus.md lists every stream, subject, bucket and message.
//
// A [Bus] is one connection. It is made by [Connect], which also makes the streams and buckets that are absent, and has one
// field for each role; services take those they need behind interfaces of their own. All methods are safe for concurrent
// use.
//
// # Errors
//
// Errors match load.ErrNotFound, load.ErrConflict, load.ErrInvalid and load.ErrUnavailable; whatever keeps the server from
// answering in time is the latter. An operation that may be repeated without harm is repeated for up to 3 s before it says
// so. One that may not be, a compare-and-swap, is tried once: after load.ErrUnavailable its outcome is unknown, so read
// the record again.
//
// # When NATS goes away
//
// Connect gives up after a bounded time. After that the connection is restored for ever. Nothing is buffered meanwhile:
// operations fail with load.ErrUnavailable, and their callers keep what they want to publish. Whoever watches or replays
// goes on after the last entry that was handed out, without a gap and without a repetition, even if the server was
// restarted. If its store was emptied, the streams are made anew and are read from their start.
//
// # When the event stream is full
//
// A publish that is refused purges the latency events of runs that have ended (room.go) and is tried again. What belongs to
// other runs is never dropped: then it fails with load.ErrUnavailable, saying that the event stream is full.
//
// # What a crash loses
//
// Nothing that was acknowledged, as far as the server's disk holds it. A token that was delivered to a process that died is
// delivered again after the consumer's ack wait.
package natsbus
