// Package chaos is tests only: it kills, freezes and cuts off the parts of a fleet in the middle of runs, and looks at what
// the target saw and at what the result says.
//
// There is a test for each row of docs/reliability.md, and a campaign of random faults whose plan follows from a number, so
// that one that fails can be played again:
//
//	make chaos                     # new seeds for ten minutes
//	make chaos SEEDS=100           # a hundred of them
//	make chaos CHAOSSEED=17        # this one again
//
// Everything is real: processes of the binary, a nats-server, a redis-server, a target in a process of its own, and proxies
// between them. Counts are asserted to the last iteration, times with the slack of a busy machine.
package chaos
