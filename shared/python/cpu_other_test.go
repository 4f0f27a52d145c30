//go:build !unix

package python_test

import "time"

var epoch = time.Now()

// cpuTime returns the time that has passed, which is more than the processor time of a busy process on a busy machine.
func cpuTime() time.Duration { return time.Since(epoch) }
