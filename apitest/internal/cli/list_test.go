package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/route"
)

var documented = route.Set{Routes: []route.Route{
	{Method: "GET", Path: "/health/", Tags: []string{"health"}},
	{Method: "GET", Path: "/api/v1/users/me", Auth: true, Tags: []string{"users"}},
	{Method: "GET", Path: "/api/v1/tasks/status/{task_id}", Params: []string{"task_id"}, Tags: []string{"worker"}},
	{Method: "POST", Path: "/api/v1/tasks/enqueue", Tags: []string{"worker"}},
}}

func listed(t *testing.T, set route.Set, discovered int) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, writeRoutes(&out, set, discovered))
	return out.String()
}

func TestRoutesAreListedAsATable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `Discovered 4 routes
┏━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━━┳━━━━━━━━┓
┃ METHOD ┃ PATH                           ┃ AUTH ┃ PARAMS  ┃ TAGS   ┃
┡━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━━╇━━━━━━━━┩
│ GET    │ /health/                       │ no   │         │ health │
│ GET    │ /api/v1/users/me               │ yes  │         │ users  │
│ GET    │ /api/v1/tasks/status/{task_id} │ no   │ task_id │ worker │
│ POST   │ /api/v1/tasks/enqueue          │ no   │         │ worker │
└────────┴────────────────────────────────┴──────┴─────────┴────────┘
`, listed(t, documented, 4))
}

func TestParamsAreOnlyShownIfThereAreAny(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `Discovered 4 routes, of which 1 is shown
┏━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━━┓
┃ METHOD ┃ PATH                  ┃ AUTH ┃ TAGS   ┃
┡━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━━┩
│ POST   │ /api/v1/tasks/enqueue │ no   │ worker │
└────────┴───────────────────────┴──────┴────────┘
`, listed(t, route.Set{Routes: documented.Routes[3:]}, 4))
}

func TestWithoutRoutesThereIsNoTable(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "Discovered 0 routes\n", listed(t, route.Set{}, 0))
}

func TestMethodsAreColoured(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	colours := lipgloss.NewRenderer(&out)
	colours.SetColorProfile(2) // ANSI, of a package that is no dependency of ours
	var routes []route.Route
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"} {
		routes = append(routes, route.Route{Method: method, Path: "/"})
	}
	lines := strings.Split(routeTable(routes, colours), "\n")[3:]
	for i, want := range []string{"\x1b[34mGET\x1b[0m    ", "\x1b[32mPOST\x1b[0m   ", "\x1b[33mPUT\x1b[0m    ", "\x1b[35mPATCH\x1b[0m  ", "\x1b[31mDELETE\x1b[0m ", "HEAD   "} {
		assert.Truef(t, strings.HasPrefix(lines[i], "│ "+want+"│ /"), "%q", lines[i])
	}
}

// Documents come from anywhere: they cannot command the terminal, nor break the table.
func TestRoutesCannotCommandTheTerminal(t *testing.T) {
	t.Parallel()
	text := listed(t, route.Set{Routes: []route.Route{{Method: "GET\x1b[2J", Path: "/a\nb", Tags: []string{"\x1b]0;x\a", "café"}}}}, 1)
	assert.NotContains(t, text, "\x1b")
	assert.Contains(t, text, "│ GET[2J │ /a b │ no   │ ]0;x, café │\n")
}
