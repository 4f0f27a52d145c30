// Package ws measures the round trips of WebSockets: an exchange opens one, sends a message as often as it is told, waits for an
// answer each time, and closes it. The next message that comes is taken for the answer, whatever is in it.
package ws
