// Package broken breaks the rules of the API load test.
package broken

import (
	_ "github.com/bufbuild/protocompile" // want grpc
	_ "github.com/coder/websocket"       // want websocket
	_ "github.com/go-chi/chi/v5"         // want chi
	_ "google.golang.org/grpc"           // want grpc

	_ "github.com/loadpilot/loadpilot/apitest/archive"
	_ "github.com/loadpilot/loadpilot/services/gateway"   // want apitest
	_ "github.com/loadpilot/loadpilot/services/generator" // want apitest
	_ "github.com/loadpilot/loadpilot/services/generator/httpdriver"
	_ "github.com/loadpilot/loadpilot/services/generator/users" // want apitest
	_ "github.com/loadpilot/loadpilot/shared/embedded"          // want apitest
	_ "github.com/loadpilot/loadpilot/shared/natsbus"           // want apitest
	_ "github.com/loadpilot/loadpilot/shared/redisstore"
	_ "github.com/loadpilot/loadpilot/shared/terminal"
	_ "github.com/loadpilot/loadpilot/shared/wire" // want apitest
)
