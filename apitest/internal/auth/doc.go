// Package auth logs a user in by the one round trip that a profile describes. Passwords come from the environment or from who sits at
// the terminal, never from a command line or a file; neither they nor tokens nor answers are in any error.
package auth
