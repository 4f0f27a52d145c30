// Package httpdriver sends the requests of virtual users over HTTP/1.1 or HTTP/2 and measures them.
//
// A [Session] is the connections of one user, kept alive between its requests; an [Exchange] is one request and its
// response, with the instants at which it was sent, answered first and done, and with how it came to its connection, a
// [Link]. Requests are written by this package; responses are parsed by fasthttp. Nothing is ever sent twice: clients built
// for convenience repeat a request whose connection broke, and thereby hide failures and put load on the target that nobody
// measures. A connection that the server has closed while it was idle is noticed before anything is written, and replaced.
// Redirects are not followed, and no cookie is kept: that is the business of package scenario, which asks for each hop.
//
// The time-out of a request covers resolving, connecting, the TLS handshake and the exchange up to the last byte of the
// body; a time-out of its own for connecting takes that part out of it. Failures keep the time they took. The end of the
// context given to [New] cuts everything off.
package httpdriver
