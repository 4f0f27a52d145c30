// Package embedded hosts, inside this process, the two servers that LoadPilot otherwise finds outside: NATS with JetStream
// and Redis. The rest of the program speaks to them as to any other server.
//
// The NATS server also listens on TCP, so that the nats command line and generators in other processes can connect. Its
// store folder belongs to one server at a time: two servers on one folder both acknowledge the same sequence and lose a
// message, so the folder is locked for as long as the process lives, however it ends.
//
// The Redis server keeps everything in memory and forgets it when it is closed. Neither survives a crash of the process
// with anything but what NATS has written to its store folder.
package embedded
