// Package aggregator merges what the generators report into the result of each run.
//
// # Consumes and publishes
//
// It reads a run's event stream and token stream. Each second it publishes a live snapshot and writes what has changed to the
// store that dashboards read. It looks at the fleet once a second and publishes as decisions who came and went. At the end it
// publishes the result, writes it to the store and makes the run done. Runs that failed or were aborted get a result
// too, so that whoever waits for one always gets it.
//
// # Invariants
//
//   - One owner a run: whoever holds its lease. An owner that cannot renew stops at once; a newer one replays the run's
//     events from the start.
//   - Its decisions are events in the same stream: closing a second, and ending the run through a sequence number. The first
//     decision of each kind and number stands; every owner, even one that does not know it has been replaced, obeys it.
//   - The result is a pure function of the run record and the stream up to its end decision, byte for byte, in whatever
//     order and however often the events came. Events between the number that the end decision names and the decision
//     itself are counted as late and not merged; nothing after the decision is read.
//   - What befell the run is told by its decisions alone, in their order in the stream. Those about the fleet only inform:
//     none of the others waits for them.
//   - An event counts once, told apart by instance and sequence, however long ago its copy came.
//   - Neither the store nor the live subscribers can delay a run, but for one write at its end if the write before went well.
//     After a failed write everything is written again.
//   - No time that is waited for runs out while the bus is away: an owner decides when the bus has been there for long enough
//     that generators could store what they held, counted by the renewals of its lease.
//   - Every run ends. One whose decisions or result the event stream does not take, because it is full, fails after
//     Config.EventPatience.
//   - When to close a second or end the run depends on the state of the account and the bus time alone (close.go).
//
// # Memory
//
// A second keeps two sparse histograms and a cached line of the series. The reports of its tokens are kept while they say
// more than "all of it was started", because a late report must be booked against the token it belongs to.
//
// # What a crash loses
//
// Nothing but time: the lease runs out after three seconds and the successor replays. Live snapshots pause meanwhile. Only a
// crash while the store is away, after the run was made done or the result of one that failed was published, leaves the store
// without the result, which the bus then still has.
package aggregator
