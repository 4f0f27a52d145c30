// Package testkit is for tests only: a target that keeps a record of what reached it, real servers, and processes that
// end with their test.
//
// A Target looks at a load test from the other side: which iteration arrived when, so that a schedule is checked
// against what a service really saw and not against what the tool says it sent.
//
// Everything listens on loopback. Whatever a test starts is stopped when it ends, by its own process id, and its output
// is shown when the test has failed.
package testkit
