// Package pacer hands arrivals over at the instants at which they are due.
//
// One [Pacer] serves all runs of a generator. It holds their tokens in a heap ordered by the due time of each token's next
// arrival and waits for an [Alarm], which on Linux is an epoll descriptor with a timer in it, a [Watcher] of sockets as well
// (less than 0.1 ms late on an idle machine; a Go timer is up to about 1 ms late). It never spins, and it sets no timer and
// allocates nothing for an arrival. At high rates arrivals are handed over a few at a time, at most 0.4 ms late.
//
// Arrivals never come in a catch-up burst: one that is due longer ago than its run allows when the pacer gets to it is
// handed over as late, to be counted and not started.
//
// Instants are durations since the epoch of the generator's [Clock]: eight bytes, monotonic, comparable.
package pacer
