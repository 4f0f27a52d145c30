package gateway

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// withData is a scenario that reads a file.
const withData = `import loadpilot
from loadpilot import VUser, scenario, task
USERS = loadpilot.data("data/users.csv")
@scenario
class Login(VUser):
    @task
    def login(self, client):
        client.post("/login", json={"user": USERS.row()["name"]})
`

const users = "name,password\nada,a1\n"

func dataRequest() map[string]any {
	return map[string]any{
		"source": withData, "file": "login.py", "target": "http://shop.test:8000", "seed": 1,
		"files": map[string]string{"data/users.csv": users},
	}
}

// form makes a form of fields and data files; each pair of parts is a name and a text.
func form(t *testing.T, fields map[string]string, parts ...string) (body *bytes.Buffer, contentType string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for name, value := range fields {
		require.NoError(t, w.WriteField(name, value))
	}
	for i := 0; i < len(parts); i += 2 {
		part, err := w.CreateFormFile("files", parts[i])
		require.NoError(t, err)
		_, err = part.Write([]byte(parts[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return body, w.FormDataContentType()
}

func TestDataFilesAreStoredAndNamedInTheRecord(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"source": withData, "file": "login.py", "target": "http://shop.test:8000", "seed": "1"}
	withText := maps.Clone(fields)
	withText["files"] = `{"data/users.csv": "name,password\nada,a1\n"}`
	for name, submit := range map[string]func(f *fixture) answer{
		"as JSON": func(f *fixture) answer { return f.post("/v1/runs", dataRequest()) },
		"as a file part": func(f *fixture) answer {
			body, contentType := form(f.t, fields, "data/users.csv", users)
			return f.do(http.MethodPost, "/v1/runs", body, "Content-Type", contentType)
		},
		"as a field of a form": func(f *fixture) answer {
			body, contentType := form(f.t, withText)
			return f.do(http.MethodPost, "/v1/runs", body, "Content-Type", contentType)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			a := submit(f)
			require.Equal(t, http.StatusCreated, a.status, "%s", a.body)
			files := f.bus.runs[0].Source.Files
			require.Len(t, files, 1)
			require.Equal(t, "data/users.csv", files[0].Name)
			require.Equal(t, users, string(f.bus.sources[files[0].SHA256]))
			equal(t, []DataFile{{Name: "data/users.csv", SHA256: files[0].SHA256}}, decode[Run](t, a).DataFiles)
		})
	}
}

func TestWrongDataIsRefusedBeforeAnythingIsStored(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, tc := range map[string]struct {
		files any
		field string
		says  string
	}{
		"no files":      {nil, "data", `line 3`},
		"another file":  {map[string]string{"users.csv": users}, "data", `the file "data/users.csv" was not sent with the scenario`},
		"one too many":  {map[string]string{"data/users.csv": users, "x.csv": users}, "files", `the scenario reads no data file "x.csv"`},
		"a bad row":     {map[string]string{"data/users.csv": users + "bob\n"}, "data", "data/users.csv, line 3: 1 field where the header has 2"},
		"a lost column": {map[string]string{"data/users.csv": "user\nada\n"}, "data", `data/users.csv has no column "name", only user`},
		"not texts":     {map[string]int{"data/users.csv": 3}, "files", "cannot be a text"},
		"not an object": {[]string{users}, "files", "files: a array cannot be a object"},
	} {
		for _, path := range []string{"/v1/runs", "/v1/runs?dry_run=true"} {
			request := dataRequest()
			request["files"] = tc.files
			p := f.post(path, request).problem(t, http.StatusUnprocessableEntity)
			require.Equal(t, tc.field, strings.SplitN(p.Field, ".", 2)[0], "%s: %+v", name, p)
			require.Contains(t, p.Detail, tc.says, name)
			if tc.field == "data" {
				require.Contains(t, p.Detail, "^", name)
				require.Equal(t, "login.py", p.File)
			}
		}
	}
	body, contentType := form(t, map[string]string{"source": withData}, "data/users.csv", users, "data/users.csv", users)
	p := f.do(http.MethodPost, "/v1/runs", body, "Content-Type", contentType).problem(t, http.StatusUnprocessableEntity)
	require.Equal(t, `files: there are two called "data/users.csv"`, p.Detail)
	require.Empty(t, f.bus.sources)
	require.Empty(t, f.bus.runs)

	a := f.post("/v1/runs?dry_run=true", dataRequest())
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Empty(t, f.bus.sources, "a dry run stores nothing")
}

func TestTheSameKeyWithOtherDataIsAConflict(t *testing.T) {
	t.Parallel()
	f := setup(t)
	require.Equal(t, http.StatusCreated, f.post("/v1/runs", dataRequest(), "Idempotency-Key", "k").status)
	require.Equal(t, http.StatusOK, f.post("/v1/runs", dataRequest(), "Idempotency-Key", "k").status)
	other := dataRequest()
	other["files"] = map[string]string{"data/users.csv": users + "bob,b2\n"}
	require.Equal(t, "Idempotency-Key", f.post("/v1/runs", other, "Idempotency-Key", "k").problem(t, http.StatusConflict).Field)
}

func TestALongSourceIsRefused(t *testing.T) {
	t.Parallel()
	f := setup(t, func(c *Config, _ *Deps) { c.MaxBodyBytes = 8 << 20 })
	p := f.post("/v1/runs", map[string]any{"source": strings.Repeat("A", maxSource+1)}).problem(t, http.StatusRequestEntityTooLarge)
	require.Equal(t, "source: the scenario has 4194305 bytes, it may have 4 MiB", p.Detail)
}

func TestStopReasons(t *testing.T) {
	t.Parallel()
	for state, reason := range map[load.State]string{
		load.StatePreparing: "stopped before it started", load.StateRunning: "stopped by request",
	} {
		f := setup(t)
		id := f.submitted()
		f.bus.become(id, state)
		require.Equal(t, reason, decode[Run](t, f.do(http.MethodPost, "/v1/runs/"+id+"/stop", http.NoBody)).Reason)
	}
}
