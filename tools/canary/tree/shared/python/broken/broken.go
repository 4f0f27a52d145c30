// Package broken breaks the rules of the language engine.
package broken

import (
	_ "fmt"

	_ "github.com/loadpilot/loadpilot/shared/load" // want python
	_ "github.com/loadpilot/loadpilot/shared/python/syntax"
	_ "github.com/loadpilot/loadpilot/shared/scenario" // want python
)
