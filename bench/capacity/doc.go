// Command capacity proves with real runs that loadpilot run --find-capacity finds what a service can do: it searches the capacity of
// servers whose capacity follows from how they are made, so many workers that each need a fixed time for a request, and fails if the
// rate that is found is further than 5 % from that.
package main
