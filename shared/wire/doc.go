// Package wire is the JSON of everything that crosses the bus, and of the records that the bus keeps. People read it with
// `nats sub`, so it is spelled out; docs/bus.md shows an example of each message.
//
// Every message carries its version in "v". Fields may be added within a version, and a reader ignores those it does not
// know; whatever changes the meaning of a field makes a new version. A reader refuses a version that it does not know with
// ErrVersion, because a wrong number is worse than none. The golden files of a version are never edited.
//
// Decoders refuse with ErrMalformed what no encoder writes and what a reader could not survive, such as a token of no
// slices. They do not repeat the rules of the domain.
//
// Units stand in the names: _us microseconds, _ms milliseconds, start_at nanoseconds since 1970. Other instants are RFC 3339
// in UTC. Fields that are empty are left out where that is the usual case.
package wire
