// Package stdlib holds what scripts find without an import and the modules they
// may import.
//
// Modules stand in one table, modules.go. To add one, write a file with its
// factory and add a line to the table. A factory is called once for each load of a
// program; a module keeps no state that outlives its program.
//
// Invariants: a native never blocks without hearing the thread's context, charges
// what it allocates before it does, and reads nothing of the machine but clock and
// randomness; the environment is what the host gave.
package stdlib
