//go:build race

package python_test

import "time"

// heardWithin is what it is without the race detector, times what that costs a loop that does nothing but write memory.
const heardWithin = 30 * time.Second
