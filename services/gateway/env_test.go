package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// withEnv is a scenario that cannot do without its environment.
const withEnv = `import os
from loadpilot import VUser, scenario, task
TOKEN = os.environ["TOKEN"]
@scenario(rps=float(os.environ.get("RATE", "5")))
class Login(VUser):
    @task
    def login(self, client):
        client.get("/", headers={"Authorization": TOKEN})
`

const secret = "s3cret value"

func envRequest(more ...string) map[string]any {
	env := map[string]string{"TOKEN": secret}
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return map[string]any{"source": withEnv, "file": "login.py", "target": "http://shop.test:8000", "seed": 1, "env": env}
}

// journal is a log in memory.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func TestTheEnvironmentIsKeptApartAndShownNowhere(t *testing.T) {
	t.Parallel()
	var log journal
	f := setup(t, func(_ *Config, d *Deps) {
		d.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	body, contentType := form(t, map[string]string{
		"source": withEnv, "target": "http://shop.test:8000", "env": `{"TOKEN": "` + secret + `", "RATE": "25"}`,
	})
	for _, a := range []answer{
		f.post("/v1/runs", envRequest("RATE", "25")),
		f.do(http.MethodPost, "/v1/runs", body, "Content-Type", contentType),
	} {
		require.Equal(t, http.StatusCreated, a.status, "%s", a.body)
		run := decode[Run](t, a)
		require.InDelta(t, 25, run.Plan.RPS, 0)
		require.Equal(t, []string{"RATE", "TOKEN"}, run.Env)
		require.Equal(t, load.Environment{"TOKEN": secret, "RATE": "25"}, f.bus.secrets[run.ID].Env)
		for _, path := range []string{"/v1/runs", "/v1/runs/" + run.ID} {
			require.NotContains(t, string(f.get(path).body), secret)
		}
		require.NotContains(t, string(a.body), secret)
	}
	require.Equal(t, []string{"RATE", "TOKEN"}, f.bus.runs[0].Source.Env)
	dry := f.post("/v1/runs?dry_run=true", envRequest())
	require.Equal(t, http.StatusOK, dry.status)
	require.NotContains(t, string(dry.body), secret)
	require.Len(t, f.bus.secrets, 2, "a dry run stores nothing")
	require.Contains(t, log.String(), "run accepted")
	require.NotContains(t, log.String(), secret)
}

func TestWrongEnvironmentsAreRefusedWithoutTheirValues(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, tc := range map[string]struct {
		env         any
		field, says string
	}{
		"none":              {nil, "source", "TOKEN"},
		"a wrong name":      {map[string]string{"A-B": secret}, "env", `env: "A-B" is not a name`},
		"not texts":         {map[string]int{"A": 3}, "env", "a number cannot be a text"},
		"a list":            {[]string{secret}, "env", "env: a array cannot be a object"},
		"shown by a script": {map[string]string{"TOKEN": "t", "RATE": secret}, "source", "could not convert string to float: '***'"},
	} {
		request := envRequest()
		request["env"] = tc.env
		a := f.post("/v1/runs", request)
		p := a.problem(t, http.StatusUnprocessableEntity)
		require.Contains(t, p.Detail, tc.says, name)
		require.Contains(t, p.Field, tc.field, name)
		require.NotContains(t, string(a.body), secret, name)
	}
	require.Empty(t, f.bus.secrets)
	require.Empty(t, f.bus.runs)
}

func TestTheSameKeyWithAnotherEnvironmentIsAConflict(t *testing.T) {
	t.Parallel()
	f := setup(t)
	first := f.post("/v1/runs", envRequest(), "Idempotency-Key", "k")
	require.Equal(t, http.StatusCreated, first.status, "%s", first.body)
	require.Equal(t, http.StatusOK, f.post("/v1/runs", envRequest(), "Idempotency-Key", "k").status)
	for _, other := range []map[string]any{envRequest("MORE", "x"), envRequest("TOKEN", "an0ther")} {
		a := f.post("/v1/runs", other, "Idempotency-Key", "k")
		require.Equal(t, "Idempotency-Key", a.problem(t, http.StatusConflict).Field)
		require.NotContains(t, string(a.body), "an0ther")
	}
	id := decode[Run](t, first).ID
	require.Equal(t, load.Environment{"TOKEN": secret}, f.bus.secrets[id].Env, "that of the run stays")

	f.bus.become(id, load.StateDone)
	require.NoError(t, secretStore{f.bus}.Delete(t.Context(), id)) // as the bus does
	require.Equal(t, http.StatusOK, f.post("/v1/runs", envRequest(), "Idempotency-Key", "k").status)
	require.Empty(t, f.bus.secrets, "a run that has ended needs none any more")

	plain := map[string]any{"source": "Checkout", "target": "http://shop.test:8000"}
	require.Equal(t, http.StatusCreated, f.post("/v1/runs", plain, "Idempotency-Key", "plain").status)
	plain["env"] = map[string]string{"TOKEN": secret}
	f.post("/v1/runs", plain, "Idempotency-Key", "plain").problem(t, http.StatusConflict)
	require.Empty(t, f.bus.secrets, "nor does one that has none")
}
