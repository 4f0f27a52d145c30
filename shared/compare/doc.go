// Package compare says whether a run differs from another one by more than chance explains. It is pure: the same results give the
// same comparison, byte for byte.
//
// Each run is cut into blocks of its windows, and blocks of both are of nearly the same length. If the service had not changed, it
// would be chance which of the runs a block belongs to, so the blocks are dealt out again and again, and p is how often that makes a
// difference as great as the one that was seen: a permutation test, which assumes no distribution of latencies. Blocks, for seconds
// are not independent: what disturbs one often disturbs the next. Where blocks still foretell the next one, longer ones are taken,
// and nothing is said if there are too few of those. They change hands only among blocks of the same planned rate, so that a ramp is
// compared with the ramp and a step with its step. A block that is far off the others counts as one that is a standard deviation
// off: a bad moment of the machine is no change, and hides none.
//
// A change is reported if two tests agree: chance does not explain it (p < 0.005, by Holm's method for all figures together), and
// the runs do not rule out that it is as great as the threshold. Asking instead whether the observed difference is above the
// threshold would find a change of just that size every other time; asking only for p would report changes of no consequence, if
// the runs are long enough.
//
// What is far off in a few blocks no dealing of blocks can show: such times are in doubt, or a regression if it is a fifth of the run.
// The error rate is judged by all requests as well: it is not the machine that makes them fail.
package compare
