package payload

import (
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func newMaker(t *testing.T, c run.Config) *Maker {
	t.Helper()
	if c.Path == "" {
		c.Path = "/"
	}
	m, err := New(t.Context(), c.WithDefaults())
	require.NoError(t, err)
	return m
}

// bodies returns the first bodies of a template.
func bodies(t *testing.T, c run.Config, n int) []string {
	t.Helper()
	f := newMaker(t, c).New()
	texts := make([]string, n)
	for i := range n {
		var call run.Call
		require.NoError(t, f.Fill(int64(i), &call))
		texts[i] = string(call.Body)
	}
	return texts
}

func payload(text string) run.Config { return run.Config{Payload: text, Seed: 1} }

func csvFile(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "data.csv")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestValuesOfTemplates(t *testing.T) {
	t.Parallel()
	number := func(low, high int) func(string) bool {
		return func(s string) bool {
			n, err := strconv.Atoi(s)
			return err == nil && low <= n && n <= high
		}
	}
	for text, right := range map[string]func(string) bool{
		"{{uuid}}": func(s string) bool {
			u, err := uuid.Parse(s)
			return err == nil && u.Version() == 4 && u.String() == s
		},
		"{{int 1 3}}":     number(1, 3),
		"{{int -3 -3}}":   number(-3, -3),
		"{{ int  0  0 }}": number(0, 0),
		"{{int -9223372036854775808 9223372036854775807}}": func(s string) bool {
			_, err := strconv.ParseInt(s, 10, 64)
			return err == nil
		},
		"{{float -1 1}}": func(s string) bool {
			f, err := strconv.ParseFloat(s, 64)
			return err == nil && f >= -1 && f <= 1 && len(s)-strings.IndexByte(s, '.') == 7
		},
		"{{hex 20}}":       func(s string) bool { return len(s) == 20 && strings.Trim(s, "0123456789abcdef") == "" },
		"{{choice a bb}}":  func(s string) bool { return s == "a" || s == "bb" },
		"{{choice a}}":     func(s string) bool { return s == "a" },
		"{{client}}":       number(0, 0),
		"a{{seq 1000}}b":   func(s string) bool { return len(s) == 6 && s >= "a1000b" && s <= "a1099b" },
		"{{{{seq}}":        func(s string) bool { return s == "{{seq}}" },
		"{{{{{{client}}}}": func(s string) bool { return s == "{{0}}" },
		"{{now}}": func(s string) bool {
			at, err := time.Parse(time.RFC3339Nano, s)
			return err == nil && time.Since(at) < time.Minute && strings.HasSuffix(s, "Z")
		},
		"{{unix_ms}}": func(s string) bool {
			ms, err := strconv.ParseInt(s, 10, 64)
			return err == nil && time.Since(time.UnixMilli(ms)) < time.Minute
		},
	} {
		for _, body := range bodies(t, payload(text), 100) {
			require.True(t, right(body), "%s made %s", text, body)
		}
	}
	require.Equal(t, []string{"0", "1", "2"}, bodies(t, payload("{{seq}}"), 3))
}

func TestRandomValuesAreSpreadEvenly(t *testing.T) {
	t.Parallel()
	const n = 20_000
	counts := map[string]int{}
	for _, body := range bodies(t, payload("{{int 1 20}}"), n) {
		counts[body]++
	}
	require.Len(t, counts, 20)
	for value, count := range counts {
		require.InDelta(t, n/20, count, 6*31, value) // six standard deviations
	}
	hexes := bodies(t, payload("{{hex 16}}"), n)
	slices.Sort(hexes)
	require.Len(t, slices.Compact(hexes), n, "no two requests have the same")
}

func TestASeedRepeatsARun(t *testing.T) {
	t.Parallel()
	c := payload("{{int 1 1000000}} {{hex 8}} {{choice a b c}} {{float 0 1}} {{uuid}}")
	first := bodies(t, c, 50)
	require.Equal(t, first, bodies(t, c, 50))
	var call run.Call
	m := newMaker(t, c)
	m.New()
	require.NoError(t, m.New().Fill(49, &call))
	require.Equal(t, first[49], string(call.Body), "whichever client sends it, and whatever it sent before")
	c.Seed = 2
	require.NotEqual(t, first, bodies(t, c, 50))
}

func TestABodyIsNotOverwrittenByTheNextOne(t *testing.T) {
	t.Parallel()
	f := newMaker(t, payload("{{seq}}")).New()
	var first, second run.Call
	require.NoError(t, f.Fill(1, &first))
	require.NoError(t, f.Fill(2, &second))
	require.Equal(t, "1", string(first.Body))
	require.Equal(t, "2", string(second.Body))
}

func TestEachClientHasItsNumberAndSequencesAreShared(t *testing.T) {
	t.Parallel()
	const clients, requests = 8, 200
	m := newMaker(t, payload("{{client}} {{seq}}"))
	var mu sync.Mutex
	seen := map[string]bool{}
	numbers := map[string]bool{}
	var all sync.WaitGroup
	for i := range clients {
		f := m.New()
		all.Go(func() {
			var call run.Call
			for n := i; n < clients*requests; n += clients { // as one counter hands them out
				if f.Fill(int64(n), &call) != nil {
					return
				}
				client, number, _ := strings.Cut(string(call.Body), " ")
				mu.Lock()
				seen[number], numbers[client] = true, true
				mu.Unlock()
			}
		})
	}
	all.Wait()
	require.Len(t, seen, clients*requests)
	require.Len(t, numbers, clients)
	require.Contains(t, numbers, "7")
}

// What is tried before a run is what its first client sends.
func TestTheFirstClientCanBeTried(t *testing.T) {
	t.Parallel()
	m := newMaker(t, payload("{{client}} {{uuid}}"))
	var tried, sent run.Call
	require.NoError(t, m.First().Fill(0, &tried))
	require.NoError(t, m.New().Fill(0, &sent))
	require.Equal(t, string(tried.Body), string(sent.Body))
}

func TestRows(t *testing.T) {
	t.Parallel()
	c := payload("{{row.name}}:{{row.city}}")
	c.DataFile = csvFile(t, "\ufeffname,city\nann,Bonn\n\"b,\"\"b\",Ulm\n")
	require.Equal(t, []string{"ann:Bonn", `b,"b:Ulm`, "ann:Bonn"}, bodies(t, c, 3))
}

func TestValuesAreEscapedForWhereTheyStand(t *testing.T) {
	t.Parallel()
	data := csvFile(t, "value\n\"a\"\"/b&c=ü d\"\n")
	const value = `a"/b&c=ü d`
	c := run.Config{
		Path: "/größe/{x}?plain=1&y={y}", PathParams: map[string]string{"x": "{{row.value}}", "y": "-{{row.value}}"},
		Query:   []run.Pair{{Name: "q&", Value: "{{row.value}}"}, {Name: "const", Value: "a b"}},
		Payload: `{"v": "{{row.value}}", "n": {{seq}}, "e": "{{env.E}}"}`, DataFile: data,
		Headers: []run.Pair{{Name: "X-Value", Value: "<{{env.E}}{{seq}}>"}}, Env: load.Environment{"E": `"`}, Method: "POST",
	}
	var call run.Call
	require.NoError(t, newMaker(t, c).New().Fill(0, &call))
	require.Equal(t, "/gr%C3%B6%C3%9Fe/a%22%2Fb&c=%C3%BC%20d?plain=1&y=-a%22%2Fb%26c%3D%C3%BC+d&q%26=a%22%2Fb%26c%3D%C3%BC+d&const=a+b", call.URL)
	require.Equal(t, "POST", call.Method)
	var body map[string]any
	require.NoError(t, json.Unmarshal(call.Body, &body))
	require.Equal(t, map[string]any{"v": value, "n": 0.0, "e": `"`}, body)
	require.Equal(t, []run.Pair{{Name: "X-Value", Value: `<"0>`}, {Name: "Content-Type", Value: "application/json"}}, call.Header)

	plain := payload("{{row.value}}")
	plain.DataFile = data
	require.Equal(t, []string{value}, bodies(t, plain, 1), "a text that is not JSON has what the file has")

	whole := payload(`{"a": {{row.object}}, "b\"": "{{row.object}}"}`)
	whole.DataFile = csvFile(t, "object\n\"{\"\"x\"\": 1}\"\n")
	require.Equal(t, []string{`{"a": {"x": 1}, "b\"": "{\"x\": 1}"}`}, bodies(t, whole, 1), "a file may hold JSON")
}

func TestTheTypeOfABody(t *testing.T) {
	t.Parallel()
	const isJSON, text = "application/json", "text/plain; charset=utf-8"
	fixed := func(body string) run.PayloadFunc { return func(int64) ([]byte, error) { return []byte(body), nil } }
	for _, test := range []struct {
		c    run.Config
		want string
	}{
		{run.Config{}, ""},
		{run.Config{Payload: `{"a": {"b": {{seq}}}}`}, isJSON},
		{run.Config{Payload: `["{{uuid}}"]`}, isJSON},
		{run.Config{Payload: `{"a": {{uuid}}}`}, text},
		{run.Config{Payload: `{{uuid}}`}, text},
		{run.Config{Payload: `{"a": `}, text},
		{run.Config{Payload: `{{seq}} and {{seq}}`}, text},
		{run.Config{Payload: `{"a": "{{"}`, RawPayload: true}, isJSON},
		{run.Config{Payload: `{{`, RawPayload: true}, text},
		{run.Config{PayloadFunc: fixed(`{}`)}, isJSON},
		{run.Config{PayloadFunc: fixed(`x`)}, text},
		{run.Config{PayloadFunc: fixed(``)}, ""},
		{run.Config{Payload: "{}", Headers: []run.Pair{{Name: "content-type", Value: "application/x"}}}, "application/x"},
		{run.Config{Payload: "{}", Protocol: run.ProtocolWebSocket}, ""},
		{run.Config{Payload: "{}", Protocol: run.ProtocolGRPC}, ""},
	} {
		f := newMaker(t, test.c).New()
		var call run.Call
		for n := range int64(2) {
			require.NoError(t, f.Fill(n, &call))
			var types []string
			for _, h := range call.Header {
				if strings.EqualFold(h.Name, "Content-Type") {
					types = append(types, h.Value)
				}
			}
			if test.want == "" {
				require.Empty(t, types)
			} else {
				require.Equal(t, []string{test.want}, types)
			}
		}
	}
}

func TestRawPayloadsMeanNothing(t *testing.T) {
	t.Parallel()
	c := payload("{{nonsense}} {{{{ {{")
	c.RawPayload = true
	require.Equal(t, []string{c.Payload}, bodies(t, c, 1))
}

func TestAPayloadFuncIsCalledForEachRequest(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	c := run.Config{PayloadFunc: func(n int64) ([]byte, error) {
		if n == 2 {
			return nil, refused
		}
		return strconv.AppendInt(nil, n, 10), nil
	}}
	require.Equal(t, []string{"0", "1"}, bodies(t, c, 2))
	var call run.Call
	f := newMaker(t, c).New()
	require.ErrorIs(t, f.Fill(2, &call), refused)
	require.NoError(t, f.Fill(3, &call))
	require.Equal(t, "3", string(call.Body))
}

func TestAHeaderThatEndsItsLineIsNotSent(t *testing.T) {
	t.Parallel()
	c := run.Config{Headers: []run.Pair{{Name: "X-A", Value: "{{row.v}}"}}, DataFile: csvFile(t, "v\n\"a\r\nX-Admin: 1\"\nok\n")}
	f := newMaker(t, c).New()
	var call run.Call
	require.EqualError(t, f.Fill(0, &call), "header X-A: its value holds the end of a line")
	require.NoError(t, f.Fill(1, &call))
	require.Equal(t, "ok", call.Header[0].Value)
}

func TestWrongTemplatesNameTheFlag(t *testing.T) {
	t.Parallel()
	data := csvFile(t, "name\nann\n")
	tests := []struct {
		c    run.Config
		want string // beginning of the error
	}{
		{payload("{{sequence}}"), "payload: {{sequence}}: there are seq, uuid, "},
		{payload("{{seq"), "payload: a {{ has no }}; write {{{{ for {{ itself"},
		{payload("{{ }}"), "payload: {{}} is empty"},
		{payload("{{seq x}}"), "payload: {{seq x}}: it takes the first number"},
		{payload("{{seq 1 2}}"), "payload: {{seq 1 2}}: "},
		{payload("{{int 1}}"), "payload: {{int 1}}: it takes the lowest and the highest number"},
		{payload("{{int 2 1}}"), "payload: {{int 2 1}}: "},
		{payload("{{int a 1}}"), "payload: {{int a 1}}: "},
		{payload("{{float 2 1}}"), "payload: {{float 2 1}}: "},
		{payload("{{float NaN 1}}"), "payload: {{float NaN 1}}: "},
		{payload("{{float 0 Inf}}"), "payload: {{float 0 Inf}}: "},
		{payload("{{hex}}"), "payload: {{hex}}: it takes how many digits"},
		{payload("{{hex 0}}"), "payload: {{hex 0}}: "},
		{payload("{{hex 65537}}"), "payload: {{hex 65537}}: "},
		{payload("{{choice}}"), "payload: {{choice}}: it takes words"},
		{payload("{{uuid 4}}"), "payload: {{uuid 4}}: it takes nothing"},
		{payload("{{env.HOME}}"), "payload: {{env.HOME}} is not allowed or not set: --env HOME"},
		{payload("{{row.name}}"), "payload: {{row.name}}: it needs a CSV file: --data FILE"},
		{run.Config{Payload: "{{row.nam}}", DataFile: data}, "payload: {{row.nam}}: there is no such column; the file has name"},
		{run.Config{DataFile: filepath.Join(t.TempDir(), "none")}, "data: open "},
		{run.Config{DataFile: csvFile(t, "name\n")}, "data: "},
		{run.Config{DataFile: csvFile(t, "a,b\n1\n")}, "data: "},
		{run.Config{Headers: []run.Pair{{Name: "X-A", Value: "{{x}}"}}}, "header: X-A: {{x}}: "},
		{run.Config{Query: []run.Pair{{Name: "q", Value: "{{x}}"}}}, "query: {{x}}: "},
		{run.Config{Path: "/{id}", PathParams: map[string]string{"id": "{{x}}"}}, "path-param: {{x}}: "},
	}
	for _, test := range tests {
		_, err := New(t.Context(), test.c)
		require.ErrorIs(t, err, load.ErrInvalid)
		require.True(t, strings.HasPrefix(err.Error(), test.want), "%v should begin with %s", err, test.want)
	}
}

func TestACallThatIsAlwaysTheSameAllocatesNothing(t *testing.T) { //nolint:paralleltest // it counts allocations
	f := newMaker(t, run.Config{
		Path: "/a/{id}", PathParams: map[string]string{"id": "7"}, Payload: `{"a": 1}`, Method: "POST", Query: []run.Pair{{Name: "q", Value: "x"}},
		Headers: []run.Pair{{Name: "X-A", Value: "b"}},
	}).New()
	var call run.Call
	n := int64(0)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		_ = f.Fill(n, &call)
		n++
	}))
	require.Equal(t, run.Call{
		Method: "POST", URL: "/a/7?q=x", Body: []byte(`{"a": 1}`),
		Header: []run.Pair{{Name: "X-A", Value: "b"}, {Name: "Content-Type", Value: "application/json"}},
	}, call)
}

func FuzzTemplate(f *testing.F) {
	for _, text := range []string{"", "{{seq}}", "{{int 1 9}} {{uuid}}", "{{{{x}}", "{{row.a}}{{env.B}}", `{"a": "{{choice x y}}"}`, "}}{{", "{{hex 9}}"} {
		f.Add(text)
	}
	env := load.Environment{"B": "b\"\n"}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := New(t.Context(), run.Config{Payload: text, Path: "/", Env: env, Seed: 1})
		if err != nil {
			require.ErrorIs(t, err, load.ErrInvalid)
			return
		}
		var call run.Call
		require.NoError(t, m.New().Fill(1, &call))
		if !strings.Contains(text, "{{") {
			require.Equal(t, text, string(call.Body))
		}
	})
}

func BenchmarkFill(b *testing.B) {
	texts := map[string]string{"constant": `{"a": 1}`, "template": `{"id": "{{uuid}}", "n": {{seq}}, "x": {{int 1 1000}}}`}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		b.Run(name, func(b *testing.B) {
			m, err := New(b.Context(), run.Config{Payload: texts[name], Path: "/", Seed: 1}.WithDefaults())
			if err != nil {
				b.Fatal(err)
			}
			f := m.New()
			var call run.Call
			b.ReportAllocs()
			for n := int64(0); b.Loop(); n++ {
				_ = f.Fill(n, &call)
			}
		})
	}
}
