package gateway

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestListIsNewestFirstAndBounded(t *testing.T) {
	t.Parallel()
	f := setup(t)
	var ids []string
	for range 3 {
		ids = append(ids, f.submitted())
	}
	type list struct{ Runs []Run }
	all := decode[list](t, f.get("/v1/runs"))
	require.Len(t, all.Runs, 3)
	require.Equal(t, ids[2], all.Runs[0].ID)
	require.Len(t, decode[list](t, f.get("/v1/runs?limit=2")).Runs, 2)
}

func TestGetCarriesTheResultOfAnEndedRun(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.submitted()
	require.Empty(t, decode[Run](t, f.get("/v1/runs/"+id)).Result)
	require.Equal(t, http.StatusNotFound, f.get("/v1/runs/"+id+"/result").status)

	f.bus.publishResult(id, `{"run_id":"x","requests_total":7,"future":true}`)
	f.bus.become(id, load.StateDone)
	require.JSONEq(t, `{"run_id":"x","requests_total":7,"future":true}`, string(decode[Run](t, f.get("/v1/runs/"+id)).Result))
	require.JSONEq(t, `{"run_id":"x","requests_total":7,"future":true}`, string(f.get("/v1/runs/"+id+"/result").body))
}

func TestStop(t *testing.T) {
	t.Parallel()
	for from, want := range map[load.State]load.State{
		load.StatePending:   load.StateAborted,
		load.StatePreparing: load.StateAborted,
		load.StateRunning:   load.StateStopping,
		load.StateStopping:  load.StateStopping,
		load.StateDone:      load.StateDone,
		load.StateFailed:    load.StateFailed,
	} {
		t.Run(string(from), func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			id := f.submitted()
			f.bus.become(id, from)
			f.bus.raced = 2 // somebody else changes the record at the same time
			a := f.do(http.MethodPost, "/v1/runs/"+id+"/stop", http.NoBody)
			require.Equal(t, http.StatusOK, a.status, "%s", a.body)
			first := decode[Run](t, a)
			require.Equal(t, want, first.State)
			if from != want {
				require.Equal(t, noon, *first.StoppedAt)
				require.NotEmpty(t, first.Reason)
			}
			f.bus.raced = 0
			again := decode[Run](t, f.do(http.MethodPost, "/v1/runs/"+id+"/stop", http.NoBody))
			require.Equal(t, first, again, "a second stop changes nothing")
		})
	}
}

func TestGenerators(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.bus.alive = []load.GeneratorStatus{{
		Generator: "g1", Instance: "i1", Pool: "default", Version: "1", MaxRate: 50, Users: 3, InFlight: 2, CPUPercent: 12.5,
		ClockError: 1500 * time.Microsecond,
		Prepared:   map[string]load.Prepared{"b": {Users: 1}, "a": {}, "c": {Error: "refused"}},
	}}
	got := decode[struct{ Generators []Generator }](t, f.get("/v1/generators"))
	equal(t, []Generator{{
		Generator: "g1", Instance: "i1", Pool: "default", Version: "1", Prepared: []string{"a", "b"}, MaxRate: 50, Users: 3,
		InFlight: 2, CPUPercent: 12.5, ClockErrorMs: 1.5,
	}}, got.Generators)
}

func TestErrorsHaveOneTable(t *testing.T) {
	t.Parallel()
	for want, away := range map[int]error{
		http.StatusServiceUnavailable:  fmt.Errorf("%w: secret detail", load.ErrUnavailable),
		http.StatusInternalServerError: errors.New("secret detail"),
	} {
		t.Run(http.StatusText(want), func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			id := f.submitted()
			f.bus.mu.Lock()
			f.bus.away = away
			f.bus.mu.Unlock()
			for _, a := range []answer{
				f.get("/v1/runs"), f.get("/v1/runs/" + id), f.get("/v1/generators"), f.get("/v1/runs/" + id + "/events"),
				f.do(http.MethodPost, "/v1/runs/"+id+"/stop", http.NoBody), f.post("/v1/runs", checkout()),
			} {
				require.NotContains(t, a.problem(t, want).Detail, "secret")
			}
		})
	}
}

func TestOperatorsPages(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		require.Equal(t, "ops "+path, string(f.get(path).body))
	}
}

// document reads the OpenAPI document.
func document(t *testing.T, f *fixture) *openapi3.T {
	t.Helper()
	raw := f.get("/v1/openapi.json").body
	// The validator reads 3.0, where a type is one name; 3.1 differs for our document in nullable lists alone.
	doc, err := openapi3.NewLoader().LoadFromData([]byte(strings.NewReplacer(
		`["array","null"]`, `"array"`, `["integer","null"]`, `"integer"`, `["number","null"]`, `"number"`, `["string","null"]`, `"string"`,
	).Replace(string(raw))))
	require.NoError(t, err)
	return doc
}

func TestTheDocumentIsValidAndNamesEveryOperation(t *testing.T) {
	t.Parallel()
	f := setup(t)
	doc := document(t, f)
	var operations []string
	for _, path := range doc.Paths.InMatchingOrder() {
		for method := range doc.Paths.Value(path).Operations() {
			operations = append(operations, method+" "+path)
		}
	}
	require.ElementsMatch(t, []string{
		"POST /v1/runs", "GET /v1/runs", "GET /v1/runs/{id}", "GET /v1/runs/{id}/result", "GET /v1/runs/{id}/events",
		"POST /v1/runs/{id}/stop", "POST /v1/runs/{id}/control", "GET /v1/runs/{id}/series", "GET /v1/runs/{id}/report",
		"GET /v1/compare", "GET /v1/generators", "GET /v1/scenarios", "GET /v1/api-tests", "GET /v1/api-tests/{id}",
	}, operations)
	submit := doc.Paths.Value("/v1/runs").Post
	require.NotNil(t, submit.RequestBody.Value.Content["application/json"])
	require.NotNil(t, submit.RequestBody.Value.Content["multipart/form-data"])
	for _, name := range []string{"Result", "Run", "Plan", "Problem", "Request", "LiveEvent"} {
		require.Contains(t, doc.Components.Schemas, name)
	}
	require.NotContains(t, doc.Components.Schemas, "ErrorModel")
}
