// Package main breaks the rules of the composition root.
package main

import (
	"os"

	_ "github.com/nats-io/nats.go"   // want nats
	_ "github.com/redis/go-redis/v9" // want redis

	_ "github.com/loadpilot/loadpilot/services/gateway"
	_ "github.com/loadpilot/loadpilot/shared/embedded"
	_ "github.com/loadpilot/loadpilot/shared/natsbus"
	_ "github.com/loadpilot/loadpilot/shared/redisstore"
	_ "github.com/loadpilot/loadpilot/shared/testkit" // want testkit
)

func main() {
	os.Exit(1)
}
