// Package generator turns rate tokens into requests and reports what became of them.
//
// It consumes run records (watched), scenario sources with their data files and the tokens of each run it has prepared; it
// publishes latency events, and its own status once a second. When a script has run out of data it asks for the run's stop, by
// the record, as a gateway does. For each run of its pool that is preparing or running it keeps one execution:
// it compiles the scenario, starts the first users, reports the run as prepared, and from then on pulls tokens. One pacer
// serves all runs: it hands each arrival to the users of its run at its due time ([pacer], [users]); users send their
// requests through [httpdriver], over plain HTTP/1.1 in strands of the pacer's loop ([strand]).
//
// # Invariants
//
//   - An iteration is started at most once by a process: a token that is held, or was acknowledged while its arrivals could
//     still be started, is not taken again, and a redelivered one is only accounted for.
//   - Each arrival of a token is started or dropped, never both, and the token is final when that is so for all of them. It is
//     acknowledged after the event that says so is stored.
//   - An arrival is never started more than the run's max lag after it was due, so nothing is caught up in a burst.
//   - Every request is measured and counted once, by the rule in fire.go; an iteration is reported as started no later than
//     as completed. One that has a name is counted under it as well.
//   - What a script measures itself counts at once, whatever becomes of its iteration.
//   - Events carry deltas; one is in flight a run; their numbers have no gap.
//
// # What a crash loses
//
// The arrivals of the tokens it held that were not started, and up to half a second of counts. The bus delivers the tokens
// to another generator after they have expired, so they are accounted for as dropped or lost and nothing runs twice. A
// generator that is told to leave (the context of Run ends) gives back the tokens it has not begun, finishes the others and
// their iterations, stores its last events, and loses nothing, if the iterations take no longer than 5 s.
//
// # When the bus is away
//
// Held tokens run on; what they come to stays in memory, and without new tokens that is little. If the run ends before the
// bus is back, the generator logs how much of it was never stored.
package generator
