// Package inprocess makes requests to an http.Handler of this process, without a socket.
//
// A client has a goroutine of its own that calls the handler, so that one which does not return within the time-out does not hold the
// run: its context is cancelled, and if that does not end it either, its goroutine is given up and the client gets another. Go cannot
// stop it. A target gives up itself when too many are lost.
//
// What a handler writes is counted, and the beginning of what it says of an error is kept. What net/http does for handlers is done here
// as well: HEAD and statuses without a body, the Content-Length that was announced, panics. As a [http.RoundTripper] a target also hands
// over what is written as it comes, and takes part in upgrades.
package inprocess
