// Command run holds LoadPilot against other load generators, side by side on this machine:
//
//	make bench
//	go run ./bench/run -only static-15k,scripted-5k -rounds 1 -duration 5s
//
// The service under test is nginx, one process on the first core; the generator under test has the second core to
// itself. In each scene the generators take turns for several rounds, so that whatever else the machine does meets
// them alike. A ratio of two generators is the median of the ratios of the rounds; any other figure is the median of
// its rounds.
//
// The rate that was reached is the server's own count. CPU time is that of the generator's whole process from its
// start to its end, as the kernel has booked it: for LoadPilot with the embedded NATS and Redis. Times are those that
// each generator reports.
//
// The command prints the tables and what is demanded of LoadPilot, and exits with 1 if a demand of [demands] is not
// met. It needs Linux with two cores, taskset, nginx with its echo module, wrk, k6 and fortio.
package main
