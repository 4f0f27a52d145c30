// Package syntax turns the source of a scenario file into a syntax tree.
//
// It reads the Python 3.11 grammar (with the free nesting of f-strings of 3.12)
// less the parts the language leaves out: match, except*, import *, metaclasses
// and complex numbers. Those, like any mistake, are refused by an *Error that
// prints as CPython prints it: file, line, the source line and a caret.
//
// The work goes through three stages, a file each: scan.go and its
// neighbours make tokens of characters, parse_*.go make nodes of tokens by
// recursive descent, ast.go and ast_expr.go say what the nodes are.
//
// Invariants:
//
//   - Parse never panics and never overflows the stack, whatever it is given:
//     the size of the input and the depth of nesting are limited.
//   - Every node knows where it starts and ends, as CPython's ast module has it,
//     except that columns count characters from 1, not bytes from 0.
//   - A tree that Parse returned is never written again; any number of
//     goroutines may read it.
//   - Targets of assignments, arguments and the places of return, yield, await,
//     break, continue, global and nonlocal have been checked. Which names are
//     local, and what they refer to, is left to the compiler.
package syntax
