package generator

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Neither a URL in a script nor a redirect leads to a host that the run is not allowed: no connection is opened.
func TestLoadGoesToAllowedTargetsOnly(t *testing.T) {
	t.Parallel()
	var strayed atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { strayed.Add(1) }))
	t.Cleanup(other.Close)
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/moved" {
			http.Redirect(w, r, other.URL+"/there", http.StatusFound)
		}
	}))
	t.Cleanup(target.Close)
	u, err := url.Parse(target.URL)
	require.NoError(t, err)
	for _, tt := range []struct {
		call    string
		allowed []string
		classes []string // of its requests
		strayed int64
	}{
		{`client.get("/")`, []string{u.Host}, []string{""}, 0},
		{`client.get("` + target.URL + `/")`, []string{u.Host}, []string{""}, 0},
		{`client.get("` + other.URL + `/")`, []string{u.Host}, []string{load.ErrorRequest}, 0},
		{`client.get("/moved", follow_redirects=True)`, []string{u.Host}, []string{"", load.ErrorRequest}, 0},
		{`client.get("/moved", follow_redirects=True)`, []string{"127.0.0.0/8"}, []string{"", ""}, 1},
		{`client.get("` + other.URL + `/")`, nil, []string{""}, 1},
	} {
		strayed.Store(0)
		s := newStage(t, target.URL, tt.call, func(c *httpdriver.Config) { c.Targets = tt.allowed })
		var classes []string
		for _, x := range s.iterate(0, 0) {
			class := ""
			if x.class != 0 {
				class = s.crew.recorder.classes.name(x.class)
			}
			classes = append(classes, class)
		}
		require.Equal(t, tt.classes, classes, "%s with %v", tt.call, tt.allowed)
		require.Equal(t, tt.strayed, strayed.Load(), "%s with %v", tt.call, tt.allowed)
	}
}
