// Package demo is a small shop with an HTTP API: something to aim a first load test at.
//
// It behaves like a service and not like a stub: each endpoint has its own log-normal latency, most of them want a
// bearer token that a login gives, and faults can be switched on. Latencies and failures follow from a seed and the
// number of the request alone, so two runs of the same test meet the same shop: of n requests at an error rate of r
// per cent exactly n×r/100 fail, whatever their order.
//
// The shop keeps no state but counters, and its bodies are made when it is built: one core serves tens of thousands of
// requests a second, so that it is not what a test on the same machine measures.
package demo
