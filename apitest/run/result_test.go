package run

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func whole() Result {
	return Result{
		TestID: "01932c07-1f00-7000-8000-000000000001", State: StateCompleted, Mode: ModeSocket,
		Config: Config{
			Method: "POST", Path: "/api/v1/users/{user_id}", PathParams: map[string]string{"user_id": "u-9"},
			Query: []Pair{{"page", "2"}}, Headers: []Pair{{"Authorization", "***"}}, Payload: `{"n": {{seq}}}`,
			Requests: 200, Clients: 10, Duration: 1500 * time.Millisecond, Rate: 50, Timeout: 30 * time.Second,
			Protocol: ProtocolHTTP, Redirects: 3, Target: "http://127.0.0.1:8000", AuthAs: "alice@example.com", Seed: 42,
		},
		StartedAt: time.Date(2026, 11, 30, 1, 2, 3, 4_000_000, time.UTC), DurationSecs: 1.25,
		Metrics: Metrics{
			RequestsTotal: 200, RequestsSucceeded: 199, RequestsFailed: 1, ErrorRatePct: 0.5, RequestsPerSecond: 160,
			LatencyMsMin: 1, LatencyMsMean: 2.5, LatencyMsP50: 2, LatencyMsP90: 4, LatencyMsP95: 5, LatencyMsP99: 9, LatencyMsP999: 10,
			LatencyMsMax: 10.5, FirstByteMsP50: 1.5, FirstByteMsP95: 4.5, BytesIn: 4000, BytesOut: 2000, ConnectionsOpened: 10,
		},
		StatusCodes: map[string]int64{"200": 199, "500": 1}, Classes: map[string]int64{"http_500": 1},
		Errors: []ErrorSample{{
			Request: 17, AtSecs: 0.5, Class: "http_500", Status: 500, LatencyMs: 9, Message: "500 Internal Server Error", Body: "oops",
		}},
		Windows:    []Window{{Requests: 200, Failed: 1, Secs: 1.25, MeanMs: 2.5, P50Ms: 2, P95Ms: 5}},
		LatencyHDR: "HISTFAAA", Warnings: []string{"this process was at 100 % CPU"}, Program: "loadpilot 1.0.0",
	}
}

func TestTheJSONOfAResult(t *testing.T) {
	t.Parallel()
	r := whole()
	stream := whole()
	stream.Config.Protocol, stream.Config.Events = ProtocolStream, 10
	stream.Stream = &StreamMetrics{
		Events: 2000, EventsPerSecond: 1600, FirstEventMsP50: 1, FirstEventMsP95: 2, FirstEventMsMax: 3, GapMsP50: 4, GapMsP95: 5, GapMsMax: 6,
		EndedByServer: 7,
	}
	var empty Result
	empty.Seal(Config{})
	for file, want := range map[string]Result{"result.json": r, "stream.json": stream, "empty.json": empty} {
		golden, err := os.ReadFile("testdata/v1/" + file)
		require.NoError(t, err)
		text, err := json.MarshalIndent(want, "", "  ")
		require.NoError(t, err)
		require.Equal(t, string(bytes.TrimSpace(golden)), string(text))
		var got Result
		require.NoError(t, json.Unmarshal(golden, &got))
		require.Equal(t, want, got)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	r := whole()
	require.Equal(t, Summary{
		TestID: r.TestID, Mode: ModeSocket, Protocol: ProtocolHTTP, Method: "POST", Path: "/api/v1/users/{user_id}", StartedAt: r.StartedAt,
		Requests: 200, Clients: 10, PerSecond: 160, LatencyMsP95: 5, ErrorRatePct: 0.5, State: StateCompleted,
	}, r.Summary())
}

func TestASealedResultHoldsNoSecretThatTheTargetRepeats(t *testing.T) {
	t.Parallel()
	c := Config{
		Path: "/{session_token}", PathParams: map[string]string{"session_token": "in-the-path"},
		Headers: []Pair{{"Authorization", "Bearer in-a-header"}, {"X-Tenant", "in-a-token"}, {"Accept", "text/html"}}, Query: []Pair{{"api_key", "in/the query"}},
		Env: load.Environment{"PASSWORD": "in-the-environment"},
	}
	r := Result{
		Errors: []ErrorSample{{
			Message: "token in-a-header has expired", Body: `{"path": "/in-the-path", "url": "?api_key=in%2Fthe+query", "env": "in-the-environment"} text/html`,
		}},
		Warnings: []string{"in-the-path"},
	}
	r.Seal(c, "in-a-token")
	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.NotContains(t, string(text), "in-")
	require.NotContains(t, string(text), "in%2F")
	require.Equal(t, Pair{"X-Tenant", "***"}, r.Config.Headers[1], "a secret by its value")
	require.Equal(t, "token *** has expired", r.Errors[0].Message)
	require.Contains(t, r.Errors[0].Body, "text/html", "what is not secret is shown")
}

func TestSecretsOfThePathAndThePayloadAreMaskedWhenTheyComeBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Config{
		"path":            {Path: "/?page=2&access_token=s3%2Fcret"},
		"form":            {Payload: "page=2&pwd=s3%2Fcret"},
		"JSON":            {Payload: `{"page": {{seq}}, "user": {"password": "s3/cret"}}`},
		"JSON, a list":    {Payload: `{"credentials": [7, "x]"], "api_keys": ["else", "s3/cret"]}`},
		"cookie":          {Headers: []Pair{{"cookie", "page=2; id=s3/cret"}}},
		"login, any name": {Headers: []Pair{{"X-Tenant", "s3/cret"}}, LoginHeader: "X-Tenant"},
	} {
		r := Result{Errors: []ErrorSample{{Message: "not s3/cret", Body: `{"page": 2, "got": "s3\/cret", "url": "/?x=s3%2Fcret"}`}}}
		r.Seal(c)
		text, err := json.Marshal(r)
		require.NoError(t, err)
		require.NotContains(t, string(text), "s3", name)
		require.Equal(t, ErrorSample{Message: "not ***", Body: `{"page": 2, "got": "***", "url": "/?x=***"}`}, r.Errors[0], name)
	}
}

// What a target tells of itself may be as secret as what it repeats.
func TestSecretFieldsOfAnAnswerAreMasked(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"author": "Ann", "jwt": "ey.J"}`:                 `{"author": "Ann", "jwt": "***"}`,
		`{"pin": 1, "password" : 1234, "session": true}`:   `{"pin": 1, "password" : "***", "session": true}`,
		`{"auth": {"user": "ann", "pwd": "a\"b"}, "n": 1}`: `{"auth": {"user": "ann", "pwd": "***"}, "n": 1}`,
		`{"tokens": ["a]", "b"], "keyword": "x"}`:          `{"tokens": "***", "keyword": "x"}`,
		`[{"users": [{"sig": "abc"}]}]`:                    `[{"users": [{"sig": "***"}]}]`,
		`{"n": 1, "token": "abc…`:                          `{"n": 1, "token": "***"`,
		`see http://h/?sig=abc&n=1 and token=x, y`:         `see http://h/?sig=***&n=1 and token=*** y`,
		`a=b`: `a=b`,
	} {
		r := Result{Errors: []ErrorSample{{Message: body, Body: body}}}
		r.Seal(Config{})
		require.Equal(t, want, r.Errors[0].Body)
		require.Equal(t, want, r.Errors[0].Message)
	}
}

func TestTheBeginningOfASecretIsNotShownWhereATextIsCut(t *testing.T) {
	t.Parallel()
	const token = "t0ken/value"
	c := Config{Headers: []Pair{{"Authorization", "Bearer " + token}}, RawPayload: true}
	for n := 1; n <= len(token); n++ {
		c.Payload = strings.Repeat("x", maxMaskedPayload-n) + token
		r := Result{Errors: []ErrorSample{
			{Body: "sent: " + token[:n] + Ellipsis}, {Body: "sent: Bearer " + token[:n] + " " + Ellipsis}, {Body: "a bare " + token[:1]},
		}}
		r.Seal(c)
		if n < len(token) {
			require.Equal(t, "sent: …", r.Errors[0].Body)
			require.Equal(t, "sent: …", r.Errors[1].Body)
			require.Equal(t, "a bare t", r.Errors[2].Body, "it was not cut")
		}
		require.NotContains(t, r.Config.Payload, "t")
	}
}
