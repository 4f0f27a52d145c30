// Package broken breaks the rules of the domain.
package broken

import (
	_ "log/slog" // want pure
	_ "math"
	_ "math/rand" // want registry
	_ "net"       // want pure
	_ "net/http"  // want pure
	_ "net/url"
	"os"        // want pure
	_ "os/exec" // want pure
	"time"

	_ "github.com/HdrHistogram/hdrhistogram-go" // want load
	_ "github.com/google/uuid"                  // want pure

	_ "github.com/loadpilot/loadpilot/services/gateway" // want pure
	_ "github.com/loadpilot/loadpilot/shared/histogram"
	_ "github.com/loadpilot/loadpilot/shared/wire" // want pure
)

func init() { // want gochecknoinits
	_ = time.Now()          // want forbidigo
	_ = os.Getenv("TARGET") // want forbidigo
	_ = time.Second
}
