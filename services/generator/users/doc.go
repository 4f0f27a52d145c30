// Package users keeps the virtual users of one run on one generator.
//
// An idle user is data on a stack: it holds no goroutine and no interpreter stack. An arrival takes the user that became
// idle last and runs on one of a few reusable workers; there are as many workers as iterations under way, and a small
// reserve. If no user is idle, the pool grows up to its maximum; a new user of a scenario with on_start runs it first.
// Meanwhile the arrival waits for any user to become free, at most the run's max lag; then it is dropped. Arrivals never
// wait for answers and are never caught up in a burst.
//
// Iterations that do hardly more than to wait for sockets run in strands of the pacer's loop ([strand]), without a goroutine. There
// the pool grows only when the loop has nothing else to do: users may be free as soon as their answers are read.
//
// A user whose on_start fails is tried again after a delay, for as long as the run lasts. At the end every user that was
// started runs on_stop.
package users
