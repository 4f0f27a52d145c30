// Package broken breaks the rules of an adapter.
package broken

import (
	_ "github.com/alicebob/miniredis/v2" // want miniredis
	_ "github.com/redis/go-redis/v9"

	_ "github.com/loadpilot/loadpilot/shared/natsbus"   // want adapters
	_ "github.com/loadpilot/loadpilot/shared/telemetry" // want adapters
	_ "github.com/loadpilot/loadpilot/shared/wire"
)
