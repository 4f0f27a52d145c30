// Package broken breaks the rules of the wire format.
package broken

import (
	_ "github.com/nats-io/nats.go" // want nats

	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/natsbus"  // want wire
	_ "github.com/loadpilot/loadpilot/shared/scenario" // want wire
)
