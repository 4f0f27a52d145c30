// Package broken breaks the rules of the terminal.
package broken

import (
	_ "github.com/loadpilot/loadpilot/shared/lifecycle" // want foundations
)
