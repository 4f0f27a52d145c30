package aggregator

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/loadpilot/loadpilot/shared/load"
)

const docs = "../../docs"

func mustSchema(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(docs, name))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///"+name, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("file:///" + name)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func validate(t *testing.T, schema *jsonschema.Schema, value any) {
	t.Helper()
	body, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

// Whatever happens to a run, its result and its snapshots are as the schemas say.
func TestDocumentsMatchTheirSchemas(t *testing.T) {
	t.Parallel()
	results, lines := mustSchema(t, "results.schema.json"), mustSchema(t, "live.schema.json")
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 7))
		run := runningRun(float64(20+rng.IntN(80)), 4)
		if seed%2 == 0 {
			run.Plan.Shape.Mode, run.Plan.Shape.Steps = load.ModeStep, 2
		}
		if seed%3 == 0 {
			run.State, run.StoppedAt, run.Reason = load.StateStopping, at(rng.Float64()*4), "stopped by user"
		}
		events, _ := history(t, rng, run)
		a := mustAccount(t, run)
		validate(t, lines, a.snapshot(at(-0.25)))
		validate(t, results, a.result(load.StateDone))
		for i := range events {
			feed(t, a, load.Record{Sequence: uint64(i) + 1, Event: &events[i]})
		}
		validate(t, lines, a.snapshot(at(2.75)))
		validate(t, results, a.result(load.StateDone))
	}
	for _, cause := range []load.Cause{load.CauseNone, load.CauseTarget, load.CauseInfra} {
		run := runningRun(70, 1)
		run.State, run.Cause, run.Reason, run.T0 = load.StateFailed, cause, "the reason", time.Time{}
		validate(t, results, mustAccount(t, run).result(run.State))
	}
}

// Every name in a schema is explained in results.md.
func TestEveryNameIsExplained(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(docs, "results.md"))
	if err != nil {
		t.Fatal(err)
	}
	var walk func(node any)
	walk = func(node any) {
		object, ok := node.(map[string]any)
		if !ok {
			return
		}
		properties, _ := object["properties"].(map[string]any)
		for name, child := range properties {
			if !strings.Contains(string(text), "`"+name+"`") {
				t.Errorf("results.md does not explain %q", name)
			}
			walk(child)
		}
		defs, _ := object["$defs"].(map[string]any)
		for _, child := range defs {
			walk(child)
		}
	}
	for _, name := range []string{"results.schema.json", "live.schema.json"} {
		body, err := os.ReadFile(filepath.Join(docs, name))
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatal(err)
		}
		walk(doc)
	}
}
