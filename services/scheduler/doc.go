// Package scheduler turns the load profile of each run into rate tokens.
//
// # Consumes and publishes
//
// It watches the run records. A pending run becomes preparing; when the generators report that they have prepared it, the
// scheduler opens the run's token consumer, fixes second 0 and makes it running; then it publishes the tokens of each second
// one lead time ahead. A run that cannot start becomes failed, one that was stopped before it started aborted. When a run is
// final its consumer is deleted.
//
// # Invariants
//
//   - Tokens are a function of the run record alone, and the bus drops a token whose id it holds already. So any number of
//     replicas work side by side on every run, without a leader: each publishes everything, the first copy counts.
//   - The record changes by compare-and-swap only; whoever loses a race goes on with the record of the winner.
//   - A second that has begun is never caught up with. It is skipped and logged; the aggregator counts it as never issued.
//   - After a stop nothing more is published.
//   - A second is published as the record says that is stored when it goes out. Whoever changes the rate of a run names a second
//     that starts more than the lead later, so all replicas publish the same tokens also of a run that is changed.
//
// # What a crash loses
//
// Nothing while another replica lives. With the last replica the seconds are lost that begin before one is back: it resumes
// at the last second that is on the bus.
package scheduler
