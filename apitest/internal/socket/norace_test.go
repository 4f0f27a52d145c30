//go:build !race

package socket_test

const gigabyte = 1 << 30
