// Package broken breaks the rules of the pages.
package broken

import (
	_ "github.com/loadpilot/loadpilot/shared/load" // want foundations
)
