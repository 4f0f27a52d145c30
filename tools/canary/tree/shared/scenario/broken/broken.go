// Package broken breaks the rules of the scenario dialect.
package broken

import (
	_ "github.com/loadpilot/loadpilot/services/generator" // want scenario
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/natsbus" // want scenario
	_ "github.com/loadpilot/loadpilot/shared/python/runtime"
	_ "github.com/loadpilot/loadpilot/shared/wire" // want scenario
)
