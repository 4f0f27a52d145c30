// Command language compares the engine of LoadPilot's scenarios with sobek, the
// JavaScript engine of k6, on the work of one iteration:
//
//	go run ./bench/language
//
// Both run the same body: a request with two headers made of texts and variables, sent
// to a stub that answers at once; the 150 bytes of JSON that come back are parsed, and
// four assertions look at them. Nothing is timed before each engine has shown that the
// request it makes is the expected one, and that each wrong answer fails an assertion.
//
// The engines take turns for several rounds; the fastest round of each counts, because
// other work on the machine can only slow one down. Idle users are measured after a
// garbage collection, by what the heap and the stacks have grown.
//
// The command exits with 1 if a demand of [demands] is not met.
package main
