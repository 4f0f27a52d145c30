// Package service puts the parts of the API load test together: it finds out what an API has, opens the target that a configuration
// asks for, logs a user in, and makes the run.
//
// A handler, a target and a source of routes belong to the program; a configuration says which of them it needs.
package service
