// Package strand runs functions that do little but wait for sockets beside each other, on the goroutine of the pacer.
//
// A goroutine for each iteration costs a hand-over when it begins, and one more for each answer that it waits for; at tens of
// thousands of requests a second that is more than the requests themselves. A [Strand] is a coroutine: its [Loop] switches to it
// when it begins and whenever its socket has something to read, and it switches back when it would have to wait. What runs in it
// reads like any other Go code.
//
//	Go ─▶ on the loop ◀──▶ waits for a socket, or for the strands that it has begun
//	          │
//	          ├─▶ returns, and is used again
//	          └─▶ leaves: it goes on as a goroutine of its own, until it returns
//
// While a strand runs nothing else of the loop does, so it must leave before anything that may take long: dialing, a lock that is
// held for long, a script that computes. Leaving is always right and only costs time.
//
// A loop is the pacer's alarm as well: one wait in the kernel serves arrivals that come due and answers that come in.
package strand
