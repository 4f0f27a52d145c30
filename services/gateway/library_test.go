package gateway

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestScenarioFilesAreOfferedWithTheirData(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	f := setup(t, func(c *Config, _ *Deps) {
		c.Scenarios = fstest.MapFS{
			"login.py": file(withData), "data/users.csv": file(users), "checkout.py": file("Checkout"),
			"broken.py": file("def ("), "long.py": file(strings.Repeat("#", maxSource+1)), "README.md": file("no scenario"),
			"lost.py": file(strings.ReplaceAll(withData, "users.csv", "lost.csv")), "folder.py/x.py": file("A"),
			"big.py": file(strings.ReplaceAll(withData, "users.csv", "big.csv")), "data/big.csv": file("name\n" + strings.Repeat("ada\n", maxOffered/4)),
		}
	})
	type list struct{ Scenarios []ScenarioFile }
	got := decode[list](t, f.get("/v1/scenarios"))
	var names []string
	for _, s := range got.Scenarios {
		names = append(names, fmt.Sprintf("%s %d", s.File, len(s.Files)))
	}
	require.Equal(t, []string{"big.py 0", "broken.py 0", "checkout.py 0", "login.py 1", "lost.py 0"}, names)
	login := got.Scenarios[3]
	equal(t, ScenarioFile{File: "login.py", Source: withData, Files: map[string]string{"data/users.csv": users}}, login)
	a := f.post("/v1/runs", map[string]any{"source": login.Source, "file": login.File, "files": login.Files, "target": "http://shop.test"})
	require.Equal(t, http.StatusCreated, a.status, "what is offered can be submitted: %s", a.body)
	require.JSONEq(t, `{"scenarios":[]}`, string(setup(t).get("/v1/scenarios").body))
}

// watched is a folder that tells what is read of it.
type watched struct {
	fstest.MapFS

	read   func(name string)
	listed func()
}

func (w watched) ReadFile(name string) ([]byte, error) {
	w.read(name)
	return w.MapFS.ReadFile(name)
}

func (w watched) ReadDir(name string) ([]fs.DirEntry, error) {
	w.listed()
	return w.MapFS.ReadDir(name)
}

func TestLongDataFilesAreNotRead(t *testing.T) {
	t.Parallel()
	var read []string
	f := setup(t, func(c *Config, _ *Deps) {
		half := &fstest.MapFile{Data: make([]byte, maxOffered/2+1)}
		c.Scenarios = watched{
			fstest.MapFS{
				"two.py":    &fstest.MapFile{Data: []byte("import loadpilot\na = loadpilot.data(\"a.csv\")\nb = loadpilot.data(\"b.csv\")\n")},
				"folder.py": &fstest.MapFile{Data: []byte("import loadpilot\na = loadpilot.data(\"folder\")\n")},
				"a.csv":     half, "b.csv": half, "folder/x": half,
			},
			func(name string) { read = append(read, name) }, func() {},
		}
	})
	require.Equal(t, http.StatusOK, f.get("/v1/scenarios").status)
	require.Equal(t, []string{"folder.py", "two.py"}, read)
}

func TestOneListOfScenariosIsMadeAtATime(t *testing.T) {
	t.Parallel()
	begun, release := make(chan struct{}, 2), make(chan struct{})
	f := setup(t, func(c *Config, _ *Deps) {
		c.CallTimeout = 100 * time.Millisecond
		c.Scenarios = watched{fstest.MapFS{}, func(string) {}, func() {
			begun <- struct{}{}
			<-release
		}}
	})
	first := make(chan struct{})
	go func() {
		defer close(first)
		f.get("/v1/scenarios")
	}()
	<-begun
	f.get("/v1/scenarios").problem(t, http.StatusServiceUnavailable)
	require.Empty(t, begun, "it has read nothing")
	close(release)
	<-first
}

// unreadable is a folder that cannot be listed.
type unreadable struct{ fs.FS }

func (unreadable) ReadDir(string) ([]fs.DirEntry, error) { return nil, fs.ErrPermission }

func TestAFolderOfScenariosThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	f := setup(t, func(c *Config, _ *Deps) { c.Scenarios = unreadable{fstest.MapFS{}} })
	f.get("/v1/scenarios").problem(t, http.StatusInternalServerError)
}

// apiArchive holds one API load test.
type apiArchive struct{ err error }

func (a apiArchive) Recent(_ context.Context, n int) ([]byte, error) {
	return fmt.Appendf(nil, `[{"test_id":"t1","requests_total":%d}]`, n), a.err
}

func (a apiArchive) Result(_ context.Context, id string) ([]byte, error) {
	if id != "t1" {
		return nil, fmt.Errorf("result %s: %w", id, load.ErrNotFound)
	}
	return []byte(`{"test_id":"t1","metrics":{"requests_total":7}}`), a.err
}

func TestAPITestsAreListedAndTold(t *testing.T) {
	t.Parallel()
	f := setup(t, func(_ *Config, d *Deps) { d.APITests = apiArchive{} })
	require.JSONEq(t, `{"tests":[{"test_id":"t1","requests_total":50}]}`, string(f.get("/v1/api-tests").body))
	require.JSONEq(t, `{"tests":[{"test_id":"t1","requests_total":3}]}`, string(f.get("/v1/api-tests?limit=3").body))
	require.JSONEq(t, `{"test_id":"t1","metrics":{"requests_total":7}}`, string(f.get("/v1/api-tests/t1").body))
	require.Equal(t, "no API load test t2", f.get("/v1/api-tests/t2").problem(t, http.StatusNotFound).Detail)

	none := setup(t)
	require.JSONEq(t, `{"tests":[]}`, string(none.get("/v1/api-tests").body))
	none.get("/v1/api-tests/t1").problem(t, http.StatusNotFound)
}

func TestReportsAreFiles(t *testing.T) {
	t.Parallel()
	f := setup(t, func(_ *Config, d *Deps) {
		d.Report = func(w io.Writer, result []byte) error {
			if string(result) == `{}` {
				return io.ErrUnexpectedEOF
			}
			_, err := fmt.Fprintf(w, "<html>%s", result)
			return err
		}
	})
	id := f.submitted()
	path := "/v1/runs/" + id + "/report"
	require.Equal(t, "no result of run "+id+" yet", f.get(path).problem(t, http.StatusNotFound).Detail)
	f.bus.publishResult(id, `{"requests_total":7}`)
	a := f.get(path)
	require.Equal(t, http.StatusOK, a.status)
	require.Equal(t, "text/html; charset=utf-8", a.header.Get("Content-Type"))
	require.Equal(t, `attachment; filename="loadpilot-`+id+`.html"`, a.header.Get("Content-Disposition"))
	require.Equal(t, `<html>{"requests_total":7}`, string(a.body))
	f.bus.publishResult(id, `{}`)
	f.get(path).problem(t, http.StatusInternalServerError)
	setup(t).get(path).problem(t, http.StatusNotFound)
}

func TestRunsAreComparedByTheirResults(t *testing.T) {
	t.Parallel()
	f := setup(t)
	a, b := f.submitted(), f.submitted()
	path := "/v1/compare?current=" + b + "&baseline=" + a
	require.Equal(t, "no result of run "+a+" yet", f.get(path).problem(t, http.StatusNotFound).Detail)
	for _, id := range []string{a, b} {
		f.bus.publishResult(id, fmt.Sprintf(`{"run_id":%q,"scenario":"S","state":"done","rps_target":10,"trust":{"level":"trusted"}}`, id))
	}
	got := f.get(path + "&threshold=5")
	require.Equal(t, http.StatusOK, got.status, "%s", got.body)
	c := decode[struct {
		Baseline, Current string
		Threshold         float64 `json:"threshold_pct"`
		Verdict           string
	}](t, got)
	require.Equal(t, []any{a, b, 5.0, "too little to tell"}, []any{c.Baseline, c.Current, c.Threshold, c.Verdict})
	for _, threshold := range []string{"0", "1001", "NaN", "Inf"} {
		require.Equal(t, "threshold", f.get(path+"&threshold="+threshold).problem(t, http.StatusUnprocessableEntity).Field, threshold)
	}
	require.Equal(t, "current", f.get("/v1/compare?baseline="+a).problem(t, http.StatusUnprocessableEntity).Field)
	f.bus.publishResult(a, fmt.Sprintf(`{"run_id":%q,"scenario":"Another","state":"done","rps_target":10,"trust":{"level":"trusted"}}`, a))
	f.get(path).problem(t, http.StatusUnprocessableEntity)
	f.bus.publishResult(a, fmt.Sprintf(`{"run_id":%q,"scenario":"S","state":"done","rps_target":10,"trust":{"level":"untrusted"}}`, a))
	f.get(path).problem(t, http.StatusUnprocessableEntity)
	f.bus.publishResult(b, `[]`)
	f.get(path).problem(t, http.StatusInternalServerError)
}

func TestLimitsAreNumbersOrObjects(t *testing.T) {
	t.Parallel()
	f := setup(t)
	request := checkout()
	request["thresholds"] = map[string]any{
		"p99_ms": 500, "error_rate": map[string]any{"limit": 1, "abort_on_fail": true, "delay": "20s"},
	}
	a := f.post("/v1/runs?dry_run=true", request)
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Contains(t, string(a.body), `"thresholds":{"error_rate":{"limit":1,"abort_on_fail":true,"delay":"20s"},"p99_ms":500}`)
	for says, limit := range map[string]any{
		"a string cannot be a number":    "fast",
		"is not a duration":              map[string]any{"limit": 1, "abort_on_fail": true, "delay": "soon"},
		"there is no such field":         map[string]any{"limit": 1, "abort": true},
		"a string cannot be a boolean":   map[string]any{"limit": 1, "abort_on_fail": "yes"},
		"the limit -1 must not be":       -1,
		"p99_ms: the limit -2 must not ": map[string]any{"limit": -2},
		"null has no limit":              nil,
		"{} has no limit":                map[string]any{},
		`{"limit":null} has no limit`:    map[string]any{"limit": nil},
	} {
		request["thresholds"] = map[string]any{"rps_min": 1, "p99_ms": limit}
		p := f.post("/v1/runs", request).problem(t, http.StatusUnprocessableEntity)
		require.Contains(t, p.Detail, says)
	}
	require.Empty(t, f.bus.runs)
}

func TestThresholdsMayBeTexts(t *testing.T) {
	t.Parallel()
	f := setup(t)
	request := checkout()
	request["thresholds"] = []string{"p99_ms < 500", "error_rate < 1, abort_on_fail, delay=20s", "rps_min>=50"}
	a := f.post("/v1/runs?dry_run=true", request)
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	require.Contains(t, string(a.body), `"thresholds":{"error_rate":{"limit":1,"abort_on_fail":true,"delay":"20s"},"p99_ms":500,"rps_min":50}`)
	for _, wrong := range []string{
		"p99_ms", "p99_ms <", "p99_ms < 500ms", "p99_ms <= 5", "p99_ms > 5", "rps_min > 50/s", "p99_ms < NaN", "p99_ms < 5, delay=10s",
		"p99_ms < 5, abort", "p99_ms < 5, abort_on_fail, delay=soon", "p98_ms < 5", "rps_min >= 40", // the last one is the second
	} {
		request["thresholds"] = []string{"rps_min >= 50", wrong}
		require.Equal(t, "thresholds", f.post("/v1/runs", request).problem(t, http.StatusUnprocessableEntity).Field, wrong)
	}
	require.Empty(t, f.bus.runs)
}
