// Package broken breaks the rules of an adapter.
package broken

import (
	_ "github.com/nats-io/nats-server/v2/server" // want nats-server
	_ "github.com/nats-io/nats.go"
	_ "github.com/redis/go-redis/v9" // want redis

	_ "github.com/loadpilot/loadpilot/services/scheduler" // want adapters
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/redisstore" // want adapters
	_ "github.com/loadpilot/loadpilot/shared/wire"
)
