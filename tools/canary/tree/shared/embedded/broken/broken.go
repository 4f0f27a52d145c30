// Package broken breaks the rules of the embedded servers.
package broken

import (
	_ "github.com/alicebob/miniredis/v2"
	_ "github.com/nats-io/nats-server/v2/server"
	_ "github.com/nats-io/nats.go" // want nats-client

	_ "github.com/loadpilot/loadpilot/shared/natsbus" // want foundations
)
