// Package run is the domain of the API load test: what is asked for, what came of it, and the ports between the parts that do
// it. It does no I/O.
//
// A [Config] says what to do. A [Maker] turns it into calls, a [Target] carries them out, the engine counts [Outcome]s and adds
// them up to a [Result], and a [Store] keeps that. The JSON of a result is a format that users rely on: testdata/v1 holds it.
//
// A request failed if it got no response, or one with a status of 400 or more. What the end of a run cuts off is in no number.
package run
