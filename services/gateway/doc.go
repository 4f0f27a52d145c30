// Package gateway is the HTTP API of LoadPilot: it accepts runs and lets clients follow, read and stop them.
//
// It consumes HTTP requests, run records, live lines and results, and on request the series of Redis and results of API load tests. It publishes scenario sources, their data files, and run records: a new one
// in state pending, on a stop the state stopping (or aborted, if the run has not started), and changes of the rate. Everything else
// about a run is decided by the other services.
//
// # Invariants
//
//   - A scenario that does not compile, or a plan that is not valid, never becomes a run record.
//   - The gateway keeps no state of its own, but for the seconds that live lines have told of: any number of them serve the same
//     runs, and a request repeated at another one with the same Idempotency-Key finds the run that the first one made.
//   - A client that does not read costs what is in flight to it: it is dropped, and nothing waits for it.
//   - Without the token, if there is one, nothing is told and nothing happens.
//   - Every error is an application/problem+json document that names the wrong field.
//   - A run's event stream ends with its result, also for a client that comes after the end. One that ends otherwise broke off:
//     the client connects again.
//
// # What a crash loses
//
// The open connections, and the seconds of runs under way unless Redis has them. A client that connects again to any gateway gets
// the state and the rest.
package gateway
