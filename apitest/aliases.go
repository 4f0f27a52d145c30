package apitest

import (
	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// Config says what to do.
type Config = run.Config

// Pair is a header field or a query parameter of a Config.
type Pair = run.Pair

// PayloadFunc makes the body of each request of a Config.
type PayloadFunc = run.PayloadFunc

// Login describes how a user is logged in.
type Login = run.Login

// Result is what came of a run.
type Result = run.Result

// Metrics are the figures of a Result.
type Metrics = run.Metrics

// StreamMetrics are the figures of streams and WebSockets.
type StreamMetrics = run.StreamMetrics

// ErrorSample is a failed request of a Result.
type ErrorSample = run.ErrorSample

// Mode says whether requests travelled over a connection.
type Mode = run.Mode

// The modes of results.
const (
	ModeSocket    = run.ModeSocket
	ModeInProcess = run.ModeInProcess
)

// Protocol says what one exchange is.
type Protocol = run.Protocol

// The protocols of configurations.
const (
	ProtocolHTTP      = run.ProtocolHTTP
	ProtocolStream    = run.ProtocolStream
	ProtocolWebSocket = run.ProtocolWebSocket
	ProtocolGRPC      = run.ProtocolGRPC
)

// Route is one operation of an API.
type Route = route.Route

// RouteSet is the routes of an API.
type RouteSet = route.Set
