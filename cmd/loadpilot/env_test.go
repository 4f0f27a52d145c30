package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestEnvironmentFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		text string
		want load.Environment
		says string
	}{
		"settings":        {"A=1\n B = two words \nC=\nD=x=y#z", load.Environment{"A": "1", "B": "two words", "C": "", "D": "x=y#z"}, ""},
		"quotes":          {"A=\" x # y \"\nB='a \"b\"'\nC=\"\"\nD=it's", load.Environment{"A": " x # y ", "B": "a \"b\"", "C": "", "D": "it's"}, ""},
		"comments":        {"\ufeff# A=1\r\n\r\n  # more\r\nB=2\r\n", load.Environment{"B": "2"}, ""},
		"the last counts": {"A=1\nA=2\n", load.Environment{"A": "2"}, ""},
		"nothing":         {"", load.Environment{}, ""},
		"no setting":      {"A=1\n\ns3cret\n", nil, "file, line 3: it is not KEY=VALUE"},
		"no name":         {"=s3cret", nil, "file, line 1: it is not KEY=VALUE"},
		"a wrong name":    {"A=1\nexport A=s3cret", nil, "file, line 2: it is not KEY=VALUE"},
		"half a quote":    {"A=\"s3cret", nil, "file, line 1: the value of A begins with a quote and does not end with it"},
		"one quote":       {"A=1\nB='", nil, "file, line 2: the value of B begins"},
		"no text":         {"A=s3cret\xff", nil, "file, line 1: env: the value of A is not a text"},
		"too long":        {"A=" + strings.Repeat("s3cret", load.MaxEnvBytes/6+1), nil, "file, line 1: env: names and values have"},
		"far too long":    {strings.Repeat("#", 17*load.MaxEnvBytes), nil, "file: longer than"},
	} {
		file := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(file, []byte(tc.text), 0o600))
		got, err := (&envFlags{file: file}).read()
		if tc.says == "" {
			require.NoError(t, err, name)
			require.Equal(t, tc.want, got, name)
			continue
		}
		require.ErrorContains(t, err, tc.says, name)
		require.ErrorContains(t, err, "--env-file: ", name)
		require.NotContains(t, err.Error(), "s3cret", name)
	}
}

func TestEnvironmentFlags(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("A=1\nB=2"), 0o600))
	got, err := (&envFlags{file: file, settings: []string{"B=3=,", "C="}}).read()
	require.NoError(t, err)
	require.Equal(t, load.Environment{"A": "1", "B": "3=,", "C": ""}, got)
	for setting, says := range map[string]string{
		"s3cret": "--env: a setting is not KEY=VALUE", "=s3cret": "--env: a setting is not KEY=VALUE", "A-B=s3cret": `--env: "A-B" is not a name`,
	} {
		_, err := (&envFlags{settings: []string{setting}}).read()
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "s3cret")
	}
	_, err = (&envFlags{file: "none"}).read()
	require.EqualError(t, err, "--env-file: there is no file none")
}

// authorised is a scenario that shows its token to the target, and to anybody who reads its errors.
const authorised = `import os
from loadpilot import LoadClient, VUser, scenario, task

@scenario(rps=20, duration="3s", mode="constant", max_lag="5s")
class Flow(VUser):
    @task(9)
    def look(self, client: LoadClient):
        client.get("/look", headers={"Authorization": "Bearer " + os.environ["TOKEN"], "X-Home": os.getenv("HOME", "none")})

    @task
    def fail(self, client: LoadClient):
        int(os.environ["TOKEN"])
`

// seen are the header fields that a target was sent.
type seen struct {
	mu      sync.Mutex
	headers map[string]int
}

func (s *seen) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.headers[r.Header.Get("Authorization")+", home "+r.Header.Get("X-Home")]++
}

func TestTheEnvironmentReachesAllGeneratorsAndNothingElse(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-the-run"
	f := startFleet(t, 2)
	shop := &seen{headers: map[string]int{}}
	target := testkit.StartTarget(t, testkit.TargetConfig{Handler: shop})
	f.file("prod.env", "# of the shop\nTOKEN='"+secret+"'\n")
	p := f.start("run", f.file("flow.py", authorised), "-t", target.URL(), "--gateway-url", f.URL(), "--env-file", "prod.env",
		"--env", "REGION=eu-central", "--external-agents", "2", "--threshold", "error_rate=50", "--json")
	require.Equal(t, load.ExitPassed, exitCode(p), "%s%s", p.Stdout(), p.Stderr())
	r := decodeResult(t, p.Stdout())
	requireShares(t, r, 2, 0.2)
	shop.mu.Lock()
	require.Equal(t, map[string]int{"Bearer " + secret + ", home none": 54}, shop.headers)
	shop.mu.Unlock()

	require.Contains(t, p.Stdout(), "invalid literal for int() with base 10: '***'")
	var run gateway.Run
	_, err := f.Do(http.MethodGet, "/v1/runs/"+r.RunID, nil, &run)
	require.NoError(t, err)
	require.Equal(t, []string{"REGION", "TOKEN"}, run.Env)
	var logs strings.Builder
	logs.WriteString(f.Gateway.Stderr())
	for _, services := range [][]*testkit.Service{f.Schedulers, f.Aggregators, f.Generators} {
		for _, s := range services {
			logs.WriteString(s.Stderr())
		}
	}
	texts := map[string]string{
		"output": p.Stdout() + p.Stderr(), "logs": logs.String(),
		"bus": f.everyMessage(t.Context()), "Redis": f.everyValue(t.Context()), "result": string(run.Result),
	}
	for where, text := range texts {
		require.NotContains(t, text, secret, where)
		require.NotContains(t, text, "eu-central", where)
	}
	require.Contains(t, texts["bus"], "REGION", "names are no secret")
}

// everyMessage returns all that NATS holds.
func (f *fleet) everyMessage(ctx context.Context) string {
	f.t.Helper()
	conn, err := nats.Connect(f.NATS.URL)
	require.NoError(f.t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(f.t, err)
	var all strings.Builder
	streams := 0
	list := js.ListStreams(ctx)
	for info := range list.Info() {
		streams++
		stream, err := js.Stream(ctx, info.Config.Name)
		require.NoError(f.t, err)
		for seq := info.State.FirstSeq; seq <= info.State.LastSeq && info.State.Msgs > 0; seq++ {
			if m, err := stream.GetMsg(ctx, seq); err == nil {
				all.WriteString(m.Subject + " " + string(m.Data) + "\n")
			}
		}
	}
	require.NoError(f.t, list.Err())
	require.GreaterOrEqual(f.t, streams, 8)
	return all.String()
}

// everyValue returns all that Redis holds.
func (f *fleet) everyValue(ctx context.Context) string {
	f.t.Helper()
	options, err := redis.ParseURL(f.Redis.URL)
	require.NoError(f.t, err)
	client := redis.NewClient(options)
	defer client.Close()
	keys, err := client.Keys(ctx, "*").Result()
	require.NoError(f.t, err)
	require.NotEmpty(f.t, keys)
	var all strings.Builder
	for _, key := range keys {
		dump, err := client.Dump(ctx, key).Result()
		require.NoError(f.t, err)
		text, _ := client.Get(ctx, key).Result() // what Dump has packed
		all.WriteString(key + " " + dump + text)
	}
	return all.String()
}

func TestTheEnvironmentVariableOfTheFlag(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.env = append(l.env, "LOADPILOT_ENV=REGION=eu,TOKEN=s3cret")
	file := l.file("a.py", "import os\nprint(dict(os.environ))\n")
	require.Equal(t, "{'REGION': 'eu', 'TOKEN': 's3cret'}\n", l.run(0, "exec", file).Stdout())
	l.file("more.env", "A=1\n")
	require.Equal(t, "{'A': '1', 'REGION': 'eu', 'TOKEN': 's3cret'}\n", l.run(0, "exec", file, "--env-file", "more.env").Stdout())

	begun := time.Now()
	p := l.run(load.ExitConfig, "run", l.file("flow.py", strings.Replace(authorised, "rps=20", "rps=int(os.environ['TOKEN'])", 1)), "--demo")
	require.Contains(t, p.Stderr(), "'***'")
	require.NotContains(t, p.Stderr()+p.Stdout(), "s3cret")
	require.Less(t, time.Since(begun), time.Minute)
	l.env = append(l.env, "LOADPILOT_ENV=production-s3cret")
	require.NotContains(t, l.run(load.ExitConfig, "exec", file).Stderr(), "s3cret")
}
