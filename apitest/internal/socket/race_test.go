//go:build race

package socket_test

// gigabyte is shorter here: the race detector looks at each byte.
const gigabyte = 1 << 26
