package scenario

import (
	"encoding/csv"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// people is a data file of three rows.
const people = "name,password\nada,a1\nbob,b2\ncyd,c3\n"

const dataPrelude = prelude + "import loadpilot\n"

func TestDataFiles(t *testing.T) {
	t.Parallel()
	names, err := DataFiles("s.py", []byte(`
import loadpilot
import loadpilot as lp
from loadpilot import data, data as rows
A = loadpilot.data("b.csv")
B = lp.data("data/a.jsonl", order="random")
class C:
    D = data("b.csv")
    E = rows("c.NDJSON")
other.data("no.csv")
`))
	require.NoError(t, err)
	require.Equal(t, []string{"b.csv", "data/a.jsonl", "c.NDJSON"}, names)
}

func TestDataFilesAreRefused(t *testing.T) {
	t.Parallel()
	for call, says := range map[string]string{
		`loadpilot.data(NAME)`:                    "must be a literal",
		`loadpilot.data(f"{x}.csv")`:              "must be a literal",
		`loadpilot.data(*names)`:                  "must be a literal",
		`loadpilot.data()`:                        "needs the name of a file",
		`loadpilot.data(name="a.csv")`:            "needs the name of a file",
		`loadpilot.data(3)`:                       "must be a text",
		`loadpilot.data("a.txt")`:                 `"a.txt" must end in .csv, .jsonl or .ndjson`,
		`loadpilot.data("/a.csv")`:                `"/a.csv" is not the name of a file below`,
		`loadpilot.data("../a.csv")`:              `"../a.csv" is not the name`,
		`loadpilot.data("d/../a.csv")`:            `is not the name`,
		`loadpilot.data("./a.csv")`:               `is not the name`,
		`loadpilot.data("d\\a.csv")`:              `is not the name`,
		`loadpilot.data("c:a.csv")`:               `is not the name`,
		`loadpilot.data("a\n.csv")`:               `is not the name`,
		`loadpilot.data("` + long(300) + `.csv")`: "at most 255 bytes",
	} {
		_, err := DataFiles("s.py", []byte("import loadpilot\nX = "+call+"\n"))
		var wrong *Error
		require.ErrorAs(t, err, &wrong, call)
		require.Equal(t, 2, wrong.Line)
		require.Equal(t, "data", wrong.Field)
		require.Contains(t, wrong.Msg, says)
		require.Contains(t, err.Error(), "^")
	}
	many := []byte("import loadpilot\n")
	for i := range MaxDataFiles + 1 {
		many = fmt.Appendf(many, "loadpilot.data('%d.csv')\n", i)
	}
	_, err := DataFiles("s.py", many)
	require.ErrorContains(t, err, "65 data files are too many")
}

func long(n int) string { return strings.Repeat("x", n) }

func TestReadData(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{
		"users.csv": {Data: []byte(people)}, "deep/items.jsonl": {Data: []byte("{}\n")}, "folder.csv": {Mode: fs.ModeDir},
		"large.csv": {Data: make([]byte, MaxDataFile+1)},
	}
	for i := range 3 {
		folder[fmt.Sprintf("half%d.csv", i)] = &fstest.MapFile{Data: make([]byte, MaxDataFile)}
	}
	read := func(names ...string) (map[string]string, error) {
		script := []byte("import loadpilot\n")
		for _, name := range names {
			script = fmt.Appendf(script, "loadpilot.data(%q)\n", name)
		}
		return ReadData("s.py", script, folder)
	}
	files, err := read("users.csv", "deep/items.jsonl", "users.csv")
	require.NoError(t, err)
	require.Equal(t, map[string]string{"users.csv": people, "deep/items.jsonl": "{}\n"}, files)
	for name, says := range map[string]string{
		"absent.csv": `there is no file "absent.csv" in the scenario's folder`,
		"folder.csv": `"folder.csv" is a folder`,
		"large.csv":  "large.csv has 67108865 bytes: a data file may have 64 MiB",
	} {
		_, err := read("users.csv", name)
		var wrong *Error
		require.ErrorAs(t, err, &wrong)
		require.Equal(t, 3, wrong.Line)
		require.Contains(t, wrong.Msg, says)
	}
	_, err = read("half0.csv", "half1.csv", "half2.csv")
	require.ErrorContains(t, err, "201326592 bytes together: they may have 128 MiB")
}

// read makes a table and returns its rows as Go data.
func read(t *testing.T, name, text string) (rows []any, err error) {
	t.Helper()
	table, err := newTable(t.Context(), name, text)
	if err != nil {
		return nil, err
	}
	th := runtime.NewThread(runtime.Limits{})
	for i := range table.rows() {
		row, err := table.row(th, i)
		require.NoError(t, err)
		plain, err := runtime.ToGo(row)
		require.NoError(t, err)
		rows = append(rows, plain)
	}
	return rows, nil
}

func TestTables(t *testing.T) {
	t.Parallel()
	ada := []any{map[string]any{"name": "ada", "age": "36"}}
	for name, tc := range map[string]struct {
		file, text string
		want       []any
	}{
		"CSV":                   {"a.csv", "name,age\nada,36\n", ada},
		"no newline at the end": {"a.csv", "name,age\nada,36", ada},
		"CRLF":                  {"a.csv", "name,age\r\nada,36\r\n", ada},
		"byte order mark":       {"a.CSV", "\ufeffname,age\nada,36\n", ada},
		"empty lines":           {"a.csv", "\n\nname,age\n\r\n\nada,36\n\n\r\n", ada},
		"quotes": {"a.csv", "\"na\"\"me\",\"a,b\"\n\"x \"\"y\"\"\",\"1\n2\r\n3\"\n\"\",\"\"\"\"\n", []any{
			map[string]any{`na"me`: `x "y"`, "a,b": "1\n2\n3"}, map[string]any{`na"me`: "", "a,b": `"`},
		}},
		"empty fields": {"a.csv", "a,b,c\n,,\n1,,3\n", []any{
			map[string]any{"a": "", "b": "", "c": ""}, map[string]any{"a": "1", "b": "", "c": "3"},
		}},
		"JSON lines": {"a.jsonl", "\ufeff{\"name\": \"ada\", \"tags\": [1, null]}\r\n\n{}\n  \n{\"n\": 2.5}", []any{
			map[string]any{"name": "ada", "tags": []any{int64(1), nil}}, map[string]any{}, map[string]any{"n": 2.5},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, err := read(t, tc.file, tc.text)
			require.NoError(t, err)
			if diff := cmp.Diff(tc.want, rows); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTablesAreRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, text, says string }{
		"empty":                  {"a.csv", "", "a.csv is empty: its first line must name the columns"},
		"header only":            {"a.csv", "a,b\n", "a.csv has no rows"},
		"too few fields":         {"a.csv", "a,b\n1,2\n3\n", "a.csv, line 3: 1 field where the header has 2"},
		"too many fields":        {"a.csv", "a,b\n1,\"x\ny\"\n3,4,5\n", "a.csv, line 4: 3 fields where the header has 2"},
		"open quote":             {"a.csv", "a\n\"1\n2\n", "a.csv, line 2: a quote is not closed"},
		"stray quote":            {"a.csv", "a\nx\"y\n", "a.csv, line 2: a quote within a field"},
		"unnamed column":         {"a.csv", "a, ,c\n1,2,3\n", "a.csv, line 1: column 2 of the header has no name"},
		"column twice":           {"a.csv", "a,b,a\n1,2,3\n", `a.csv, line 1: the header has two columns "a"`},
		"not UTF-8":              {"a.csv", "a\n\ufffd\n\xff\n", "a.csv, line 3: the text is not UTF-8"},
		"cut in a rune":          {"a.csv", "a\n\xe2\x82", "a.csv, line 2: the text is not UTF-8"},
		"a long row":             {"a.csv", "a\n1\n" + long(maxDataRow+1) + "\n", "a.csv, line 3: a row may have 1 MiB"},
		"a large file":           {"a.csv", "a\n" + strings.Repeat("1\n", MaxDataFile/2), "67108866 bytes: a data file may have 64 MiB"},
		"no objects":             {"a.jsonl", "\n \n", "a.jsonl has no rows"},
		"a list":                 {"a.jsonl", "{}\n[1]\n", "a.jsonl, line 2: not an object"},
		"bad JSON":               {"a.ndjson", "{}\n\n{\"a\": }\n", "a.ndjson, line 3: not JSON: Expecting value at column 7"},
		"an object on two lines": {"a.jsonl", "{\n}\n", "a.jsonl, line 1: not JSON"},
		"a long object":          {"a.jsonl", `{"a": "` + long(maxDataRow) + `"}`, "a.jsonl, line 1: a row may have 1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := newTable(t.Context(), tc.file, tc.text)
			require.ErrorContains(t, err, tc.says)
		})
	}
}

// Rows are what encoding/csv makes of the file, whatever is in it.
func FuzzCSVRows(f *testing.F) {
	for _, text := range []string{people, "a,b\r\n\"x\r\ny\",\r\n\r\n\rz,\"\"\"\"\r", "\ufeffa\n\"\"\n", "a\n\r"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := newTable(t.Context(), "a.csv", text)
		if err != nil {
			return
		}
		want, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, byteOrderMark))).ReadAll()
		require.NoError(t, err)
		require.Equal(t, want[0], got.columns)
		require.Equal(t, len(want)-1, got.rows())
		th := runtime.NewThread(runtime.Limits{})
		for i, fields := range want[1:] {
			row, err := got.row(th, i)
			require.NoError(t, err)
			for j, column := range got.columns {
				v, err := runtime.GetItem(th, row, runtime.Str(column))
				require.NoError(t, err)
				require.Equal(t, runtime.Str(fields[j]), v)
			}
		}
	})
}

// dataRunner makes a runner of a script with files.
func dataRunner(t *testing.T, script string, files map[string]string, seat Seat) *Runner {
	t.Helper()
	p, err := Compile(t.Context(), "script.py", []byte(dataPrelude+script), Options{Files: files})
	require.NoError(t, err)
	plan, err := p.Plan("")
	require.NoError(t, err)
	plan.Seed = 7
	r, err := p.NewRunner(t.Context(), plan, Options{Seat: seat})
	require.NoError(t, err)
	return r
}

const twoTasks = `
@scenario
class S(VUser):
    @task(weight=2)
    def a(self, client):
        row = USERS.row()
        assert row == USERS.row() and row is not USERS.row()
        client.get(f"/a/{row['name']}")
    @task
    def b(self, client):
        client.get("/b/" + USERS.row()["name"])
`

func TestRowsBySequence(t *testing.T) {
	t.Parallel()
	for end, want := range map[string][]string{
		"cycle": {"/a/ada", "/b/ada", "/a/bob", "/a/cyd", "/b/bob", "/a/ada", "/a/bob", "/b/cyd", "/a/cyd", "/a/ada", "/b/ada", "/a/bob"},
		"stop":  {"/a/ada", "/b/ada", "/a/bob", "/a/cyd", "/b/bob", "users.csv: no more rows", "users.csv: no more rows", "/b/cyd"},
	} {
		r := dataRunner(t, fmt.Sprintf("USERS = loadpilot.data('users.csv', end=%q)\n", end)+twoTasks, map[string]string{"users.csv": people}, Seat{})
		require.Equal(t, load.Task{Name: "a", Weight: 2}, load.Task{Name: r.tasks[0].name, Weight: 2})
		var got []string
		for k := range int64(len(want)) { // each by another user: only the arrival counts
			client := &fakeClient{}
			out := r.NewUser().Run(t.Context(), k, r.rows.sequence.Task(k), client)
			require.False(t, out.Failed, out.Message)
			if out.Exhausted != "" {
				require.Empty(t, client.urls())
				got = append(got, out.Exhausted)
				continue
			}
			got = append(got, strings.TrimPrefix(client.urls()[0], "GET "))
		}
		require.Equal(t, want, got, end)
	}
}

func TestRandomRowsFollowTheSeed(t *testing.T) {
	t.Parallel()
	script := "USERS = loadpilot.data('users.csv', order='random')\n" + twoTasks
	script = strings.Replace(script, "        assert row == USERS.row() and row is not USERS.row()\n", "", 1)
	run := func() (names []string) {
		r := dataRunner(t, script, map[string]string{"users.csv": people}, Seat{})
		for k := range int64(50) {
			client := &fakeClient{}
			require.False(t, r.NewUser().Run(t.Context(), k, 0, client).Failed)
			names = append(names, client.urls()...)
		}
		return names
	}
	first := run()
	require.Equal(t, first, run())
	slices.Sort(first)
	require.Equal(t, []string{"GET /a/ada", "GET /a/bob", "GET /a/cyd"}, slices.Compact(first))
}

func TestOneRowAUser(t *testing.T) {
	t.Parallel()
	script := `
USERS = loadpilot.data("users.csv", order="user", end="stop", columns=["name"])
@scenario
class S(VUser):
    def on_start(self, client):
        self.user = USERS.row()
        client.get("/login/" + self.user["name"])
    @task
    def a(self, client):
        assert self.user == USERS.row()
        client.get("/" + self.user["name"])
    def on_stop(self, client):
        client.get("/logout/" + USERS.row()["name"])
`
	r := dataRunner(t, script, map[string]string{"users.csv": people}, Seat{Number: 1, Of: 2})
	u, client := r.NewUser(), &fakeClient{}
	require.False(t, u.Start(t.Context(), client).Failed)
	require.False(t, u.Start(t.Context(), client).Failed, "a second attempt keeps the row")
	require.False(t, u.Run(t.Context(), 5, 0, client).Failed)
	require.False(t, u.Run(t.Context(), 9, 0, client).Failed)
	require.False(t, u.Stop(t.Context(), client).Failed)
	require.Equal(t, []string{"GET /login/bob", "GET /login/bob", "GET /bob", "GET /bob", "GET /logout/bob"}, client.urls())

	second := r.NewUser()
	for range 2 {
		require.Equal(t, Outcome{Exhausted: "users.csv: no more rows"}, second.Start(t.Context(), client))
	}
	require.Empty(t, client.urls())
}

// Whatever the fleet, nobody gets a row that somebody else has until the two ends meet.
func TestSeats(t *testing.T) {
	t.Parallel()
	const rows = 1000
	for _, of := range []int{0, 1, 2, 5} {
		expected := max(1, of)
		taken := map[int64]string{}
		for seat := range expected + 4 {
			for user := range int64(20) {
				row := Seat{seat, of}.row(user, rows)
				require.Less(t, row, int64(rows))
				require.Empty(t, taken[row], "row %d of seat %d, user %d", row, seat, user)
				taken[row] = fmt.Sprint(seat, user)
			}
		}
	}
	require.Equal(t, int64(7), Seat{1, 3}.row(2, rows))
	require.Equal(t, []int64{99, 97, 95, 98, 92, 86}, []int64{
		Seat{1, 1}.row(0, 100), Seat{1, 1}.row(1, 100), Seat{1, 1}.row(2, 100),
		Seat{2, 1}.row(0, 100), Seat{2, 1}.row(1, 100), Seat{2, 1}.row(2, 100),
	})
	require.GreaterOrEqual(t, Seat{1, 1}.row(50, 100), int64(100), "the rows of an extra seat end too")
	require.Equal(t, int64(100), Seat{0, 1}.row(100, 100))
}

func TestExhaustionCannotBeHidden(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		script string
		want   Outcome
	}{
		"except Exception": {`
        try:
            USERS.row()
        except Exception:
            client.get("/never")`, Outcome{Exhausted: "users.csv: no more rows"}},
		"caught by name": {`
        try:
            USERS.row()
        except loadpilot.DataExhausted as e:
            assert str(e) == "users.csv: no more rows"`, Outcome{Exhausted: "users.csv: no more rows"}},
		"raised by the script": {`
        raise loadpilot.DataExhausted("vouchers: none left")`, Outcome{Exhausted: "vouchers: none left"}},
	} {
		r := dataRunner(t, "USERS = loadpilot.data('users.csv', end='stop')\n@scenario\nclass S(VUser):\n    @task\n    def a(self, client):"+
			tc.script+"\n", map[string]string{"users.csv": people}, Seat{})
		client := &fakeClient{}
		require.Equal(t, tc.want, r.NewUser().Run(t.Context(), 3, 0, client), name)
		require.Empty(t, client.urls())
	}
}

func TestDataValues(t *testing.T) {
	t.Parallel()
	r := dataRunner(t, `
USERS = loadpilot.data("users.csv")
ITEMS = loadpilot.data("items.jsonl", order="random", columns=("id",))
assert len(USERS) == 3 and len(ITEMS) == 2
assert USERS.columns == ("name", "password") and ITEMS.columns == ("id", "tags")
assert USERS[0] == {"name": "ada", "password": "a1"} and USERS[-1]["name"] == "cyd"
assert [u["name"] for u in USERS] == ["ada", "bob", "cyd"]
assert ITEMS.row()["id"] in (1, 2)
assert repr(USERS) == "<Data users.csv: 3 rows>"
def fails(f, kind, text):
    try:
        f()
    except kind as e:
        assert text in str(e), str(e)
    else:
        assert False
fails(lambda: USERS[3], IndexError, "users.csv has 3 rows")
fails(lambda: USERS["x"], TypeError, "")
fails(lambda: USERS.row(), RuntimeError, "works only in on_start, on_stop and tasks")
fails(lambda: loadpilot.data("users.csv", order="odd"), ValueError, "order must be")
fails(lambda: loadpilot.data("users.csv", end="odd"), ValueError, "end must be")
fails(lambda: loadpilot.data("users.csv", order="random", end="stop"), ValueError, "never runs out")
fails(lambda: loadpilot.data("users.csv", columns="name"), TypeError, "not a str")
fails(lambda: loadpilot.data("users.csv", columns=[3]), TypeError, "not of int")
wanted = ["nick"]
fails(lambda: loadpilot.data("users.csv", columns=wanted), ValueError, 'users.csv has no column "nick", only name, password')
f = loadpilot.data
fails(lambda: f("oth" + "er.csv"), ValueError, "with a literal")
@scenario
class S(VUser):
    def on_start(self, client):
        USERS.row()
    @task
    def a(self, client):
        USERS[0]["name"] = "changed"
        assert USERS[0]["name"] == "ada"
        loadpilot.data("users.csv")
`, map[string]string{"users.csv": people, "items.jsonl": "{\"id\": 1}\n{\"id\": 2, \"tags\": []}\n"}, Seat{})
	u := r.NewUser()
	out := u.Start(t.Context(), &fakeClient{})
	require.True(t, out.Failed)
	require.Contains(t, out.Message, `for rows in on_start use order="user"`)
	out = u.Run(t.Context(), 0, 0, &fakeClient{})
	require.Contains(t, out.Message, "RuntimeError: loadpilot.data belongs at the top level of the file")
}

const oneTask = "\n@scenario\nclass S(VUser):\n    @task\n    def a(self, client):\n        "

func TestColumnsAreChecked(t *testing.T) {
	t.Parallel()
	const csvText = `users.csv has no column "nam", only name, password`
	for script, says := range map[string]string{
		`U = loadpilot.data("users.csv", columns=["name", "nam"])` + oneTask + "pass\n":                                      csvText,
		`U = loadpilot.data("users.csv")` + oneTask + "client.get(U.row()[\"nam\"])\n":                                       csvText,
		`U = loadpilot.data("users.csv")` + oneTask + "client.get(U[3][\"nam\"])\n":                                          csvText,
		`U = loadpilot.data("users.csv")` + oneTask + "row = U.row()\n        client.post('/', json=row, name=row['nam'])\n": csvText,
		`U = loadpilot.data("users.csv")` + oneTask + "row = U.row()\n        x = f'{row[\"nam\"]}'\n":                       csvText,
		`U = loadpilot.data("items.jsonl", columns=["id", "tags"])` + oneTask + "pass\n":                                     `items.jsonl, line 1: the object has no "tags"`,
		`U = loadpilot.data("items.jsonl")` + oneTask + "U.row()['nam']\n":                                                   `items.jsonl has no column "nam", only id, tags`,
	} {
		_, err := DataFiles("s.py", []byte(dataPrelude+script))
		require.NoError(t, err)
		files := map[string]string{"users.csv": people, "items.jsonl": "{\"id\": 1}\n{\"id\": 2, \"tags\": []}\n"}
		if strings.Contains(script, "users.csv") {
			delete(files, "items.jsonl")
		} else {
			delete(files, "users.csv")
		}
		_, err = Compile(t.Context(), "s.py", []byte(dataPrelude+script), Options{Files: files})
		var wrong *Error
		require.ErrorAs(t, err, &wrong, script)
		require.Equal(t, says, wrong.Msg, script)
		require.Positive(t, wrong.Col)
	}
}

// What may be right is not refused.
func TestColumnsThatMayExist(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"row = U.row()\n        row.get('nam')",
		"row = U.row()\n        row['nam'] = 1\n        row['nam']",
		"row = U.row()\n        row.update(nam=1)\n        row['nam']",
		"row = U.row()\n        extend(row)\n        row['nam']",
		"row = U.row()\n        row = {'nam': 1}\n        row['nam']",
		"row = U.row()\n        if 'nam' in row:\n            row['nam']",
		"row = U.row()\n        def f(row):\n            return row['nam']",
		"U = other()\n        U.row()['nam']",
		"U[:2]['nam']",
		"U.rows()['nam']",
		"key = 'nam'\n        U.row()[key]",
	} {
		_, err := Compile(t.Context(), "s.py", []byte(dataPrelude+`U = loadpilot.data("users.csv")`+oneTask+body+"\n"),
			Options{Files: map[string]string{"users.csv": people}})
		require.NoError(t, err, body)
	}
}

func TestFilesMustFitTheScript(t *testing.T) {
	t.Parallel()
	script := []byte(dataPrelude + `U = loadpilot.data("users.csv")` + oneTask + "pass\n")
	_, err := Compile(t.Context(), "s.py", script, Options{})
	require.ErrorContains(t, err, "the file \"users.csv\" was not sent with the scenario")
	_, err = Compile(t.Context(), "s.py", script, Options{Files: map[string]string{"users.csv": "name\n"}})
	require.ErrorContains(t, err, "data: users.csv has no rows")
	require.ErrorIs(t, err, load.ErrInvalid)
	_, err = Compile(t.Context(), "s.py", script, Options{Files: map[string]string{"users.csv": people, "more.csv": people}})
	var field *load.FieldError
	require.ErrorAs(t, err, &field)
	require.Equal(t, "files", field.Field)
	require.Contains(t, field.Message, `"more.csv"`)
}

// A million rows take their text and 4 bytes each.
func BenchmarkTable(b *testing.B) {
	var text strings.Builder
	text.WriteString("id,name,password\n")
	for i := range 1_000_000 {
		fmt.Fprintf(&text, "%d,user-%d,secret-%d\n", i, i, i)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		t, err := newTable(b.Context(), "users.csv", text.String())
		require.NoError(b, err)
		require.Equal(b, 1_000_000, t.rows())
	}
}

func BenchmarkRow(b *testing.B) {
	t, err := newTable(b.Context(), "users.csv", people)
	require.NoError(b, err)
	b.ReportAllocs()
	th := runtime.NewThread(runtime.Limits{Bytes: 1 << 60})
	for b.Loop() {
		if _, err := t.row(th, 1); err != nil {
			b.Fatal(err)
		}
	}
}
