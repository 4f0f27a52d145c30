// Package engine lets clients make requests, and adds up what comes of them.
//
// It works in a closed loop: each client waits for its answer before it sends the next request, so that the rate is what the code under
// test can do with so many clients. With Config.Rate the requests are due at equal distances; a client waits until its request is due,
// and one that is late because no client was free counts from when it was due.
//
// Clients run in goroutines, or, if the target has a loop, in strands on the goroutine that called Run. The numbers of requests come
// from one counter, so no more are made than were asked for; what the end of ctx or of Config.Duration cuts off is in no figure.
//
// Nothing that is kept grows with the requests: histograms, at most 64 windows and 100 samples.
package engine
