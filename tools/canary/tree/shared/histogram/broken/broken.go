// Package broken breaks the rules of the histogram.
package broken

import (
	_ "os" // want pure

	_ "github.com/HdrHistogram/hdrhistogram-go"

	_ "github.com/loadpilot/loadpilot/shared/load" // want histogram pure
)
