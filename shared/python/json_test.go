package python_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// documents are bodies, right and wrong, with what may lead a lazy reader astray.
var documents = []string{
	`{}`, `[]`, `{"a": 1}`, ` {"a" : {"b": [1, {"c": null}]}, "d": "x"} `, `[{"a": 1}, {"a": {"a": 2}}]`,
	`{"a": 1, "a": 2}`, `{"a": 1, "\u0061": 2}`, `{"\u0061": 1}`, `{"a": {"a": 1}, "b": "{\"a\": 9}"}`, `{"é": 1, "e": 2}`, "{\"\xff\": 1, \"\xfe\": 2}",
	`{"a": "\ud83d\ude00", "b": "\ud800", "c": "\n"}`, `{"n": -0, "f": -1.5e+3, "big": 123456789012345678901234567890, "i": -Infinity, "x": NaN}`,
	`{"a": 1,}`, `{"a"}`, `{"a": }`, `{a: 1}`, `{"a": 1 "b": 2}`, `{"a": [1, 2}`, `{"a": 1}}`, `{"a": 1} x`, `{`, `{"a": "`, `{"a": "\x"}`, `{"a": "\u12"}`,
	`{"a": 01}`, `{"a": 1.}`, `{"a": 1e}`, `{"a": -}`, `{"a": +1}`, `{"a": tru}`, "{\"a\": \"\t\"}", `{"a": 1, "b": {"c": }}`,
	`{"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "8": 8, "9": 9, "10": [10], "11": {"x": 11}}`,
	`null`, `"text"`, `12`, ``, ` `,
}

// lazily parses a document as a body and reads each member by its name before anything
// else is done with it.
func lazily(t *testing.T, doc string) string {
	t.Helper()
	th := runtime.NewThread(runtime.Limits{})
	eager, err := runtime.ParseJSONString(th, doc)
	if err != nil {
		_, lazyErr := runtime.ParseJSON(th, []byte(doc))
		if lazyErr == nil {
			t.Fatalf("%q: refused with %v, but not as a body", doc, err)
		}
		if got, want := lazyErr.Error(), err.Error(); got != want {
			t.Fatalf("%q: as a body %s, else %s", doc, got, want)
		}
		return ""
	}
	show := func(v runtime.Value) string {
		text, err := runtime.Repr(th, v)
		if err != nil {
			t.Fatalf("%q: %v", doc, err)
		}
		return text
	}
	body := func() runtime.Value {
		v, err := runtime.ParseJSON(th, []byte(doc))
		if err != nil {
			t.Fatalf("%q: only as a body: %v", doc, err)
		}
		return v
	}
	if d, ok := eager.(*runtime.Dict); ok {
		for k, want := range d.All() {
			got, err := body().(*runtime.Dict).Get(th, k)
			if err != nil || got == nil || show(got) != show(want) {
				t.Fatalf("%q: member %s of the body is %v, %v", doc, show(k), got, err)
			}
		}
		if v := body().(*runtime.Dict).GetStr("absent"); v != nil {
			t.Fatalf("%q: there is no member absent, but %s", doc, show(v))
		}
	}
	if got, want := show(body()), show(eager); got != want {
		t.Fatalf("%q: as a body\n%s, else\n%s", doc, got, want)
	}
	return show(eager)
}

// TestBodiesAreReadLazily: nobody can tell but by the time it takes.
func TestBodiesAreReadLazily(t *testing.T) {
	t.Parallel()
	right := 0
	for _, doc := range documents {
		if lazily(t, doc) != "" {
			right++
		}
	}
	if right != 17 {
		t.Errorf("%d documents are right JSON, not 17", right)
	}
}

func FuzzBody(f *testing.F) {
	for _, doc := range documents {
		f.Add(doc)
	}
	f.Fuzz(func(t *testing.T, doc string) { lazily(t, doc) })
}

// TestLazyBodiesKeepChanges: what a script does to a part of a body stays.
func TestLazyBodiesKeepChanges(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
def task(body):
    first = body["user"]["name"]
    body["user"]["name"] = "changed"
    body["user"]["tags"].append("new")
    inner = body["user"]["address"]
    inner["zip"] = 1
    same = body["user"] is body["user"] and body["user"]["address"] is inner
    return [first, same, len(body), list(body), body, sorted(body["user"]), "zip" in inner, body.get("none", 7), {**body} == body]
`)
	th := runtime.NewThread(runtime.Limits{})
	body, err := runtime.ParseJSON(th, []byte(`{"id": 1, "user": {"name": "ada", "tags": ["x"], "address": {"city": "London"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	v, err := th.Call(context.Background(), m.Get("task"), []runtime.Value{body})
	if err != nil {
		t.Fatal(err)
	}
	got, err := runtime.Repr(th, v)
	if err != nil {
		t.Fatal(err)
	}
	want := `['ada', True, 2, ['id', 'user'], {'id': 1, 'user': {'name': 'changed', 'tags': ['x', 'new'], 'address': {'city': 'London', 'zip': 1}}}, ` +
		`['address', 'name', 'tags'], True, 7, True]`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestLazyBodiesAreReadSeldom: what is read again and again is made once.
func TestLazyBodiesAreReadSeldom(t *testing.T) { //nolint:paralleltest // it counts allocations
	th := runtime.NewThread(runtime.Limits{})
	body, err := runtime.ParseJSON(th, []byte(`{"first": 1, "text": "\n`+strings.Repeat("x", 1<<20)+`", "last": 2.5}`))
	if err != nil {
		t.Fatal(err)
	}
	read := func() {
		for _, name := range []string{"first", "text", "last", "absent"} {
			if _, err := body.(*runtime.Dict).Get(th, runtime.Str(name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	read()
	if got := testing.AllocsPerRun(100, read); got > 4 { // a box for each name
		t.Errorf("%v allocations to read what has been read", got)
	}
	small, err := runtime.ParseJSON(th, []byte(`{"a": 1.5, "b": "text"}`))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		small.(*runtime.Dict).GetStr("a")
	}
	if got := testing.AllocsPerRun(100, func() { small.(*runtime.Dict).GetStr("a") }); got > 0 {
		t.Errorf("%v allocations to read a member for the 20th time", got)
	}
}
