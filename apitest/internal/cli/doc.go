// Package cli is the commands of the API load test, and all that they print: list, run, recent, results, compare and login. They
// are the same below `loadpilot api` and in a program that embeds them.
//
// Results go to the standard output, everything else to the standard error. Errors are returned and printed by whoever executes
// the command; a *run.ExitError carries the exit code.
package cli
