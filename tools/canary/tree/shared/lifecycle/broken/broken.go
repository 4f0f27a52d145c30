// Package broken breaks the rules of the lifecycle.
package broken

import (
	"os"
	"os/signal"

	_ "github.com/loadpilot/loadpilot/shared/telemetry" // want foundations
)

// Exit leaves without asking.
func Exit() {
	signal.Ignore() // want forbidigo
	os.Exit(1)      // want forbidigo
}
