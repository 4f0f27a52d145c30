// Package broken breaks the rules of a service.
package broken

import (
	_ "net/http"

	_ "github.com/nats-io/nats.go"   // want gateway nats
	_ "github.com/redis/go-redis/v9" // want gateway redis

	_ "github.com/loadpilot/loadpilot/services/gateway/room"
	_ "github.com/loadpilot/loadpilot/services/scheduler" // want gateway
	_ "github.com/loadpilot/loadpilot/shared/compare"
	_ "github.com/loadpilot/loadpilot/shared/embedded" // want gateway
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/loadother"  // want gateway
	_ "github.com/loadpilot/loadpilot/shared/natsbus"    // want gateway
	_ "github.com/loadpilot/loadpilot/shared/python"     // want gateway
	_ "github.com/loadpilot/loadpilot/shared/redisstore" // want gateway
	_ "github.com/loadpilot/loadpilot/shared/scenario"
	_ "github.com/loadpilot/loadpilot/shared/telemetry"
	_ "github.com/loadpilot/loadpilot/shared/testkit" // want gateway testkit
	_ "github.com/loadpilot/loadpilot/shared/web"     // want gateway
	_ "github.com/loadpilot/loadpilot/shared/wire"    // want gateway
)
