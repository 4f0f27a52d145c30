package redirect

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
)

func TestNext(t *testing.T) {
	t.Parallel()
	const from = "http://shop.test/cart/items?page=1"
	type want struct {
		method, url string
		body        bool
		header      []string
	}
	all := []string{"Authorization", "Content-Type", "X-Tenant"}
	tests := map[string]struct {
		method   string
		status   int
		location string
		want     want
	}{
		"a path":                {"GET", 302, "/login", want{"GET", "http://shop.test/login", true, all}},
		"a relative path":       {"GET", 302, "../a b?c=d#e", want{"GET", "http://shop.test/a%20b?c=d", true, all}},
		"the same origin":       {"GET", 301, "http://shop.test/x", want{"GET", "http://shop.test/x", true, all}},
		"another host":          {"GET", 302, "http://other.test/", want{"GET", "http://other.test/", true, []string{"Content-Type", "X-Tenant"}}},
		"another port":          {"GET", 302, "//shop.test:81/", want{"GET", "http://shop.test:81/", true, []string{"Content-Type", "X-Tenant"}}},
		"another scheme":        {"GET", 308, "https://shop.test/", want{"GET", "https://shop.test/", true, []string{"Content-Type", "X-Tenant"}}},
		"POST, 302":             {"POST", 302, "/done", want{"GET", "http://shop.test/done", false, []string{"Authorization", "X-Tenant"}}},
		"DELETE, 303":           {"DELETE", 303, "/done", want{"GET", "http://shop.test/done", false, []string{"Authorization", "X-Tenant"}}},
		"HEAD, 303":             {"HEAD", 303, "/done", want{"HEAD", "http://shop.test/done", true, all}},
		"POST, 307, as it was":  {"POST", 307, "/done", want{"POST", "http://shop.test/done", true, all}},
		"POST, 308, other host": {"POST", 308, "http://other.test/", want{"POST", "http://other.test/", true, []string{"Content-Type", "X-Tenant"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header := []run.Pair{{Name: "Authorization"}, {Name: "content-type"}, {Name: "Host"}, {Name: "X-Tenant"}}
			call := &run.Call{Method: tt.method, URL: "/cart", Body: []byte("{}"), Header: header}
			to, err := Next(call, from, tt.status, tt.location)
			require.NoError(t, err)
			require.Equal(t, tt.want.url, to)
			require.Equal(t, to, call.URL)
			require.Equal(t, tt.want.method, call.Method)
			require.Equal(t, tt.want.body, call.Body != nil)
			require.Len(t, header, 4, "the caller's own fields are as they were")
			require.Equal(t, "Authorization", header[0].Name)
			names := []string{}
			for _, f := range call.Header {
				names = append(names, map[string]string{"content-type": "Content-Type"}[f.Name]+map[bool]string{true: f.Name}[f.Name != "content-type"])
			}
			require.Equal(t, tt.want.header, names)
		})
	}
	for _, location := range []string{"", "http://[", "ftp://shop.test/", "javascript:alert(1)", "http://user@shop.test/", "http:///x"} {
		_, err := Next(&run.Call{Method: "GET"}, from, 302, location)
		require.Error(t, err, location)
	}
}

// What proves who is asking has many names, and the login's may be any.
func TestSecretsStayWithTheirOrigin(t *testing.T) {
	t.Parallel()
	for location, want := range map[string][]string{
		"/other":             {"X-Auth-Token", "api-key", "X-Tenant", "Referer", "X-Author"},
		"http://other.test/": {"X-Author"},
	} {
		call := &run.Call{Method: "GET", Login: "x-tenant"}
		for _, name := range []string{"X-Auth-Token", "api-key", "X-Tenant", "Referer", "X-Author"} {
			call.Header = append(call.Header, run.Pair{Name: name})
		}
		_, err := Next(call, "http://shop.test/", 302, location)
		require.NoError(t, err)
		names := []string{}
		for _, f := range call.Header {
			names = append(names, f.Name)
		}
		require.Equal(t, want, names)
	}
}

func TestFollow(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answers []run.Outcome // after the first one
		class   string
		status  int
		calls   int
	}{
		"to an answer":        {[]run.Outcome{{Status: 302}, {Status: 404}}, "", 404, 2},
		"to no answer":        {[]run.Outcome{{Class: "closed"}}, "closed", 0, 1},
		"to a broken one":     {[]run.Outcome{{Status: 302, Class: "timeout"}}, "timeout", 302, 1},
		"as often as allowed": {[]run.Outcome{{Status: 302}, {Status: 302}, {Status: 302}, {Status: 200}}, run.ErrorRedirect, 302, 3},
	} {
		out := run.Outcome{Status: 302}
		calls := 0
		Follow(run.Call{Method: "GET", Redirects: 3}, "http://shop.test/", "/0", &out, func(call *run.Call) string {
			require.Equal(t, fmt.Sprint("http://shop.test/", calls), call.URL)
			out = tt.answers[calls]
			calls++
			return fmt.Sprint("/", calls)
		})
		require.Equal(t, tt.class, out.Class, name)
		require.Equal(t, tt.status, out.Status, name)
		require.Equal(t, tt.calls, calls, name)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: false, 300: false, 301: true, 302: true, 303: true, 304: false, 305: false, 307: true, 308: true, 400: false} {
		require.Equal(t, want, Is(status), status)
	}
}
