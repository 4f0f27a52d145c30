package run

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheZeroValuesAreTheDefaults(t *testing.T) {
	t.Parallel()
	c := Config{Path: "/"}.WithDefaults()
	require.NotZero(t, c.Seed)
	c.Seed = 0
	require.Equal(t, Config{
		Method: "GET", Path: "/", Requests: 100, Clients: 10, Timeout: 30 * time.Second, Protocol: ProtocolHTTP,
	}, c)
	require.Zero(t, Config{Duration: time.Second}.WithDefaults().Requests, "a duration alone is a limit")
	require.Equal(t, "POST", Config{Method: "post"}.WithDefaults().Method)
	require.Equal(t, "WS", Config{Protocol: ProtocolWebSocket}.WithDefaults().Method)
	require.Equal(t, "GRPC", Config{Protocol: ProtocolGRPC}.WithDefaults().Method)
	require.Equal(t, uint64(7), Config{Seed: 7}.WithDefaults().Seed)
}

func TestWrongConfigurationsNameTheFlag(t *testing.T) {
	t.Parallel()
	good := func() Config { return Config{Path: "/x", Target: "http://127.0.0.1:8000"} }
	tests := []struct {
		field, message string // message: "" if the flag says enough
		spoil          func(c *Config)
	}{
		{"path", "none given", func(c *Config) { c.Path = "" }},
		{"path", `"x" does not begin with /`, func(c *Config) { c.Path = "x" }},
		{"path", "", func(c *Config) { c.Path = "/a b" }},
		{"path", "", func(c *Config) { c.Path = "/a\r\nHost: b" }},
		{"path", "", func(c *Config) { c.Path = "/{id" }},
		{"path", "", func(c *Config) { c.Path = "/{}" }},
		{"path", "http://h/?token=*** is a URL, and no handler of this process answers those", func(c *Config) {
			c.Path, c.InProcess = "http://h/?token=abc", true
		}},
		{"path", `"h/?token=***" does not begin with /`, func(c *Config) { c.Path = "h/?token=abc" }},
		{"path", `"/?token=***" holds a blank or a control character; percent-encode it`, func(c *Config) { c.Path = "/?token=a b" }},
		{"path-param", "path /{id}?token=*** needs a value for id: --path-param id=VALUE", func(c *Config) { c.Path = "/{id}?token=abc" }},
		{"path", "/{?token=*** has a brace without its other half, or nothing in them", func(c *Config) { c.Path = "/{?token=abc" }},
		{"path-param", "path /x?token=*** has no {id}", func(c *Config) { c.Path, c.PathParams = "/x?token=abc", map[string]string{"id": "7"} }},
		{
			"path-param", "path /api/v1/tasks/status/{task_id} needs a value for task_id: --path-param task_id=VALUE",
			func(c *Config) { c.Path = "/api/v1/tasks/status/{task_id}" },
		},
		{"path-param", "path /x has no {id}", func(c *Config) { c.PathParams = map[string]string{"id": "7"} }},
		{"method", "", func(c *Config) { c.Method = "GET /" }},
		{"requests", "", func(c *Config) { c.Requests = -1 }},
		{"clients", "", func(c *Config) { c.Clients = -1 }},
		{"clients", "", func(c *Config) { c.Clients = MaxClients + 1 }},
		{"duration", "", func(c *Config) { c.Duration = -1 }},
		{"timeout", "", func(c *Config) { c.Timeout = -1 }},
		{"rate", "", func(c *Config) { c.Rate = -1 }},
		{"rate", "", func(c *Config) { c.Rate = math.NaN() }},
		{"rate", "", func(c *Config) { c.Rate = math.Inf(1) }},
		{"events", "", func(c *Config) { c.Events = -1 }},
		{"redirects", "", func(c *Config) { c.Redirects = MaxRedirects + 1 }},
		{"protocol", "", func(c *Config) { c.Protocol = "gopher" }},
		{"target", "no URL given", func(c *Config) { c.Target = "" }},
		{"target", "", func(c *Config) { c.Target = "127.0.0.1:8000" }},
		{"target", "", func(c *Config) { c.Target = "localhost" }},
		{"target", `"http://h?token=***" must not carry a query or a fragment`, func(c *Config) { c.Target = "http://h?token=abc" }},
		{"target", "credentials do not belong in the target; send a header", func(c *Config) { c.Target = "http://u:s3cret@h" }},
		{"target", "credentials do not belong in the target; send a header", func(c *Config) { c.Target = "http://u:s3%cret@h" }},
		{"header", "", func(c *Config) { c.Headers = []Pair{{"Bad Name", "v"}} }},
		{"header", "", func(c *Config) { c.Headers = []Pair{{"X-A", "a\r\nX-B: b"}} }},
		{"header", "", func(c *Config) { c.Headers = []Pair{{"Content-Length", "1"}} }},
		{"query", "", func(c *Config) { c.Query = []Pair{{"", "v"}} }},
	}
	for _, test := range tests {
		c := good()
		test.spoil(&c)
		err := c.Validate()
		require.ErrorIs(t, err, load.ErrInvalid)
		field, ok := errors.AsType[*load.FieldError](err)
		require.True(t, ok)
		require.Equal(t, test.field, field.Field, err)
		if test.message != "" {
			require.Equal(t, test.message, field.Message)
		}
	}
}

func TestRightConfigurations(t *testing.T) {
	t.Parallel()
	for _, c := range []Config{
		{Path: "/x", Target: "http://127.0.0.1:8000/base"},
		{Path: "/x", InProcess: true},
		{Path: "/x/{id}/y?limit=10", PathParams: map[string]string{"id": "{{seq}}"}, InProcess: true},
		{Path: "https://h/x"},
		{Path: "ws://h/echo", Protocol: ProtocolWebSocket},
		{Path: "echo.Echo/Say", Protocol: ProtocolGRPC, Target: "grpc://h:1"},
		{Path: "/", InProcess: true, Headers: []Pair{{"X-Request-Id", "{{uuid}}"}}, Query: []Pair{{"q", "{{seq}}"}, {"q", ""}}},
		Config{Path: "/", InProcess: true}.WithDefaults(),
	} {
		require.NoError(t, c.Validate(), c.Path)
	}
}

func TestSegments(t *testing.T) {
	t.Parallel()
	require.Equal(t, []Segment{{Text: "/a/"}, {Name: "id"}, {Text: "/"}, {Name: "x"}}, Segments("/a/{id}/{x}"))
	require.Equal(t, []Segment{{Name: "id"}}, Segments("{id}"))
	for _, path := range []string{"/", "/{id", "/id}", "/{}"} {
		require.Equal(t, []Segment{{Text: path}}, Segments(path))
	}
	require.Nil(t, Segments(""))
}

func TestWhatIsSecretByItsNameIsMasked(t *testing.T) {
	t.Parallel()
	c := Config{
		Path: "https://user:s3cret@h/x/{reset_token}?access_token=s3cret&page=2", PathParams: map[string]string{"reset_token": "s3cret"},
		Target: "http://user:s3cret@h",
		Headers: []Pair{
			{"Authorization", "Bearer s3cret"}, {"cookie", "s3cret"}, {"X-Api-Key", "s3cret"}, {"Proxy-Authorization", "s3cret"}, {"Accept", "*/*"},
		},
		Query: []Pair{{"client_secret", "s3cret"}, {"PASSWORD", "s3cret"}, {"page", "2"}},
	}
	m := c.Masked()
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.NotContains(t, string(text), "s3cret")
	require.Equal(t, "https://***@h/x/{reset_token}?access_token=***&page=2", m.Path)
	require.Equal(t, Pair{"Accept", "*/*"}, m.Headers[4])
	require.Equal(t, Pair{"page", "2"}, m.Query[2])
	require.Equal(t, m, m.Masked(), "a mask is not masked further")
	require.Equal(t, "Bearer s3cret", c.Headers[0].Value, "what is sent stays")
	require.Equal(t, "s3cret", c.PathParams["reset_token"])

	long := Config{Payload: string(make([]byte, maxMaskedPayload-1)) + "éé"}.Masked()
	require.Len(t, long.Payload, maxMaskedPayload-1+len("…"), "a letter is not cut in half")
}

func TestKey(t *testing.T) {
	t.Parallel()
	base := Config{
		Path: "/x?token=abc", Target: "http://a", Query: []Pair{{"q", "1"}, {"key", "s3cret"}}, Payload: strings.Repeat("é", maxMaskedPayload),
	}
	same := base
	same.Requests, same.Target, same.Method, same.Clients = 5000, "http://b", "get", 10
	require.Equal(t, base.Key(), same.Key())
	same.Path = "http://c/x?token=abc"
	require.Equal(t, base.Key(), same.Key(), "the target is none of it")
	require.Equal(t, base.Key(), base.Masked().Key())
	require.NotContains(t, base.Key(), "s3cret")
	for _, spoil := range []func(c *Config){
		func(c *Config) { c.InProcess = true },
		func(c *Config) { c.Protocol = ProtocolStream },
		func(c *Config) { c.Method = "POST" },
		func(c *Config) { c.Path = "/y" },
		func(c *Config) { c.Query = c.Query[:1] },
		func(c *Config) { c.Clients = 11 },
		func(c *Config) { c.Rate = 100 },
		func(c *Config) { c.Events = 3 },
		func(c *Config) { c.HTTP2 = true },
		func(c *Config) { c.Payload += "." },
		func(c *Config) { c.RawPayload = true },
		func(c *Config) { c.PayloadFunc = func(int64) ([]byte, error) { return nil, nil } },
	} {
		other := base
		spoil(&other)
		require.NotEqual(t, base.Key(), other.Key())
	}
}

func TestSecretsAreNotInTheSumOfAPayload(t *testing.T) {
	t.Parallel()
	require.Equal(t, Config{Payload: `{"password": "hunter2"}`}.Key(), Config{Payload: `{"password": "hunter3"}`}.Key())
	require.NotEqual(t, Config{Payload: `{"name": "hunter2"}`}.Key(), Config{Payload: `{"name": "hunter3"}`}.Key())
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for _, test := range [][3]string{
		{"/x", "http://a", "/x"}, {"http://b:1/x?y", "http://b:1", "/x?y"}, {"http://b", "http://b", "/"}, {"http://b?y", "http://b", "/?y"},
	} {
		target, path := Config{Path: test[0], Target: "http://a"}.Place()
		require.Equal(t, test[1], target)
		require.Equal(t, test[2], path)
	}
}
