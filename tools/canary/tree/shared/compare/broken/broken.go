// Package broken breaks the rules of comparisons.
package broken

import (
	_ "github.com/loadpilot/loadpilot/services/gateway" // want compare
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/load"
	_ "github.com/loadpilot/loadpilot/shared/wire" // want compare
)
