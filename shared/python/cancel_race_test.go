//go:build race

package python_test

import "time"

// heardWithin is what it is without the race detector, and room for that.
const heardWithin = 5 * time.Second
