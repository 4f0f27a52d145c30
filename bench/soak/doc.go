// Command soak puts a constant load on the sample shop for a long time, through `loadpilot up` as its users have it, prints what the
// process needs and how late it is in each window, and fails unless all was started and answered and neither memory nor lag grew.
//
// Memory and goroutines are those that the process tells of itself; rate, errors and lag come from the latency events.
package main
