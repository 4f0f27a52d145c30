package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/stretchr/testify/assert"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func TestProgressLine(t *testing.T) {
	t.Parallel()
	style := terminal.NewPalette(&bytes.Buffer{})
	half := run.Progress{Done: 5000, Total: 10_000, Failed: 3, PerSecond: 12_345.4, P95: 4100 * time.Microsecond}
	assert.Equal(t, "GET /  ███████████████░░░░░░░░░░░░░░░  50%  5,000/10,000  12,345/s  p95 4.1ms  3 failed", progressLine("GET /", half, 120, style))
	byTime := run.Progress{Done: 70, Events: 700, Elapsed: 2600 * time.Millisecond, Of: 10 * time.Second, PerSecond: 27}
	assert.Equal(t, "GET /  ███████░░░░░░░░░░░░░░░░░░░░░░░  26%  70  3s of 10s  700 events  27/s  0 failed", progressLine("GET /", byTime, 120, style))
	for width := range 100 { // a line that wraps could not be redrawn in place
		assert.LessOrEqual(t, ansi.StringWidth(progressLine("GET /api/v1/users", half, width+1, style)), width+1)
	}
}

func TestProgressNeedsATerminal(t *testing.T) {
	t.Parallel()
	assert.Nil(t, newProgress(&bytes.Buffer{}, &bytes.Buffer{}, "GET /"))
}

func TestTitlesShowNoSecrets(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "GET http://***@h/?token=***", title(run.Config{Method: "GET", Path: "http://ann:s3cr3t@h/?token=s3cr3t"}))
}
