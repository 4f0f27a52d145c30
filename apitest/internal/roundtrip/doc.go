// Package roundtrip times and bounds exchanges that are more than a request and its response: streams, WebSockets, gRPC. What
// goes over HTTP goes over an http.RoundTripper, which is a connection or a handler of this process.
//
// # When an exchange ends
//
// It ends with the events that the call asks for, at Call.Until, when the server ends it, when the context ends, and after
// Call.Timeout. Without Until the time-out limits all of it. With Until it limits the wait for the first event, and for what must
// be answered: a stream may be silent for as long as it likes.
//
// An exchange that was cut off by Until or, if it was told neither a number of events nor an end, by the time-out, did what was
// asked of it if an event came. One that Until cut off before the first event is cancelled.
//
// # Connections
//
// Over HTTP each exchange opens a connection of its own, as browsers do for a stream. A request is therefore never sent twice, which
// net/http does if a kept connection turns out to be closed. Times count from when the connection stands.
package roundtrip
