package redirect

import (
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

func TestIs(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]bool{200: false, 300: false, 301: true, 302: true, 303: true, 304: false, 305: false, 307: true, 308: true, 400: false} {
		require.Equal(t, want, Is(status), status)
	}
}
