// Package broken breaks the rules of the domain of the API load test.
package broken

import (
	_ "github.com/redis/go-redis/v9" // want apitest-domain redis

	_ "github.com/loadpilot/loadpilot/apitest/archive"  // want apitest-domain
	_ "github.com/loadpilot/loadpilot/services/gateway" // want apitest-domain apitest
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/redisstore" // want apitest-domain
)
