// Package scenario is LoadPilot's DSL: @scenario, @task, VUser, LoadClient and
// checks, on top of the Python engine in shared/python. It turns a file into load
// plans and into users that a generator can run.
//
// Compile reads a file, runs its top level once and refuses whatever is wrong with
// it: a syntax error, an exception, a parameter out of range, a method that could not be
// called as it will be, a check that belongs to no task. Each error is an
// *Error with the place in the file. A Program is immutable; NewRunner loads the
// file once more, with the environment of a run, and a Runner makes Users.
//
// A User is one virtual user: an instance of the scenario's class. It holds no
// goroutine and no interpreter stack while it is idle. Its methods are called by
// one goroutine at a time; different users run at the same time and share
// the module's names and class attributes, as threads of one Python process would.
//
// What a script asks of its client goes through the Client that the caller gives to
// each invocation, so measuring is the caller's. The rules here are only
// what a script can see: which exception a failed request raises, what a
// response offers, when a check is called. An Outcome says how an invocation ended.
//
// What the client of a user keeps between requests, default headers and a cookie jar, is made
// when it is first needed and put on at the moment of sending, so that ready requests
// have it too. Redirects are followed here: a Client sends one hop at a time.
//
// Ready requests. A task whose requests depend on nothing but constants and
// attributes that are never written after on_start asks for the same requests each
// time. It runs once a user, against a recorder, and from then on its requests are
// sent without the interpreter. static.go says which tasks qualify; when in doubt,
// none does.
//
// Measures. event, counter and gauge of the loadpilot module go to the Client as
// well. A plan lists the names that stand in the file as literals, so that a
// threshold that misspells one is refused before the run.
//
// Data. loadpilot.data reads files that Options.Files holds. Compile checks them and keeps each as a table, its text and where the
// rows begin; the runners of a Program share the tables. Which row an invocation gets follows from the number of the arrival,
// from the random module's seed, or from the Seat of the runner and the number of the user: nobody is asked while a run goes on.
//
// Randomness. The random module restarts for each iteration from the plan's seed and
// the number of the arrival, so the same run can be had again.
package scenario
