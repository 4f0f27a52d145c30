// Command compare proves with real runs that loadpilot compare tells a change from chance: it makes pairs of runs against a server
// with log-normal times, most of them of the same server and some of one that is slower, compares each, and fails if too many of the
// former are flagged or too few of the latter are found. go test ./shared/compare shows the same by simulation.
package main
