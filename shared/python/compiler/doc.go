// Package compiler turns a syntax tree into closures over the runtime.
//
// Each expression becomes a Go function from a frame to a value, each statement one
// from a frame to the way control goes on. The work has two passes: scope.go finds
// out what each name is (a local slot, a cell, a global slot or a built-in), the
// other files build the closures, a file for each kind of construct.
//
// Invariants:
//   - A compiled program is immutable but for inline caches, which are atomic; any
//     number of threads run it at once.
//   - What the language leaves out is refused here, with file, line and caret, and
//     never while a program runs.
//   - A closure adds its place to an error with Frame.Fail exactly when the operation
//     itself failed, not when it passes on the failure of an operand.
//   - A generator keeps all it needs to go on in its frame, so that leaving a body at
//     a yield and coming back is an ordinary return and an ordinary call.
package compiler
