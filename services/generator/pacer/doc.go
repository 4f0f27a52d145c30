// Package pacer hands arrivals over at the instants at which they are due.
//
// One [Pacer] serves all runs of a generator. It holds their tokens in a heap ordered by the due time of each token's next
// arrival and runs on one locked operating system thread, which on Linux sleeps in clock_nanosleep until the next arrival is
// due (about 0.1 ms late; a Go timer is about 1 ms late). With nothing held it blocks on a channel; it never spins, and it
// sets no timer and allocates nothing for an arrival.
//
// Arrivals never come in a catch-up burst: one that is due longer ago than its run allows when the pacer gets to it is
// handed over as late, to be counted and not started.
//
// Instants are durations since the epoch of the generator's [Clock]: eight bytes, monotonic, comparable.
package pacer
