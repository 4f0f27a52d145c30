// Package stream counts the events of server-sent events, of lines of JSON and of other bodies that come in pieces, and times
// them as they come. An exchange is over after so many events or at a given time: it is never one slow response.
package stream
