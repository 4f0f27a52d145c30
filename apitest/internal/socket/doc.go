// Package socket makes requests over connections to a server, with the HTTP driver of the generator: HTTP/1.1 or HTTP/2, nothing sent
// twice, bodies counted and not kept.
//
// Over HTTP/1.1 without TLS its clients make exchanges in strands, where the platform has them: coroutines on one goroutine, which
// waits for all connections at once. What cannot be woven leaves its strand for a goroutine by itself.
package socket
