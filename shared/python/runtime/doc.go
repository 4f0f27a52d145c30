// Package runtime holds the values of the Python subset and everything that
// happens to them while a program runs: attributes, operators, calls, iteration,
// exceptions with tracebacks, text formatting, limits and sharing.
//
// Invariants:
//   - A Value's dynamic type is comparable, so == on two Values is identity.
//   - An integer that fits int64 is an Int, never a *BigInt.
//   - Allocation whose size a script can choose is charged before it is made.
//   - No lock of a container is held while Python code runs.
//   - After publish, a container's lock field never changes again.
package runtime
