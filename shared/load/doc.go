// Package load is the domain of LoadPilot: what a run plans, how its arrivals are laid over time, how each of them is
// accounted for, and what the outcome is worth. Everything here is a value or a pure function: no clock, no network, no
// files, no goroutines.
//
// # Words
//
// An arrival is one planned task invocation; when a generator calls its task it becomes an iteration. Both carry the same
// number k, counted from 0 over the whole run and the whole fleet. A virtual user runs one iteration at a time. The model is
// open: arrivals do not wait for answers.
//
// # The way of an arrival
//
// A [Profile] says when arrival k is due. A [Token] is a slice of one second of the profile: the unit that travels to the
// generators. A generator reports what became of a token in an [Event]. A [Ledger] accounts for every planned arrival, and
// a [Result] carries the percentiles, the threshold [Verdict] and the [Trust] in the measurement itself.
package load
