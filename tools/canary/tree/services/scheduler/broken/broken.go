// Package broken breaks the rules of a service.
package broken

import (
	_ "net/http"

	_ "github.com/nats-io/nats.go"   // want scheduler nats
	_ "github.com/redis/go-redis/v9" // want scheduler redis

	_ "github.com/loadpilot/loadpilot/services/generator" // want scheduler
	_ "github.com/loadpilot/loadpilot/services/scheduler/room"
	_ "github.com/loadpilot/loadpilot/shared/embedded" // want scheduler
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/loadother"  // want scheduler
	_ "github.com/loadpilot/loadpilot/shared/natsbus"    // want scheduler
	_ "github.com/loadpilot/loadpilot/shared/python"     // want scheduler
	_ "github.com/loadpilot/loadpilot/shared/redisstore" // want scheduler
	_ "github.com/loadpilot/loadpilot/shared/scenario"
	_ "github.com/loadpilot/loadpilot/shared/telemetry"
	_ "github.com/loadpilot/loadpilot/shared/testkit" // want scheduler testkit
	_ "github.com/loadpilot/loadpilot/shared/wire"    // want scheduler
)
