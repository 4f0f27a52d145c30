// Package broken breaks the rules of a service.
package broken

import (
	_ "net/http"

	_ "github.com/nats-io/nats.go"   // want generator nats
	_ "github.com/redis/go-redis/v9" // want generator redis

	_ "github.com/loadpilot/loadpilot/services/aggregator" // want generator
	_ "github.com/loadpilot/loadpilot/services/generator/room"
	_ "github.com/loadpilot/loadpilot/shared/embedded" // want generator
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/loadother"  // want generator
	_ "github.com/loadpilot/loadpilot/shared/natsbus"    // want generator
	_ "github.com/loadpilot/loadpilot/shared/python"     // want generator
	_ "github.com/loadpilot/loadpilot/shared/redisstore" // want generator
	_ "github.com/loadpilot/loadpilot/shared/scenario"
	_ "github.com/loadpilot/loadpilot/shared/telemetry"
	_ "github.com/loadpilot/loadpilot/shared/testkit" // want generator testkit
	_ "github.com/loadpilot/loadpilot/shared/wire"    // want generator
)
