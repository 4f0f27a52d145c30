// Package broken breaks the rules of a service.
package broken

import (
	_ "net/http"

	_ "github.com/nats-io/nats.go"   // want aggregator nats
	_ "github.com/redis/go-redis/v9" // want aggregator redis

	_ "github.com/loadpilot/loadpilot/services/aggregator/room"
	_ "github.com/loadpilot/loadpilot/services/gateway" // want aggregator
	_ "github.com/loadpilot/loadpilot/shared/embedded"  // want aggregator
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/loadother"  // want aggregator
	_ "github.com/loadpilot/loadpilot/shared/natsbus"    // want aggregator
	_ "github.com/loadpilot/loadpilot/shared/python"     // want aggregator
	_ "github.com/loadpilot/loadpilot/shared/redisstore" // want aggregator
	_ "github.com/loadpilot/loadpilot/shared/scenario"
	_ "github.com/loadpilot/loadpilot/shared/telemetry"
	_ "github.com/loadpilot/loadpilot/shared/testkit" // want aggregator testkit
	_ "github.com/loadpilot/loadpilot/shared/wire"    // want aggregator
)
