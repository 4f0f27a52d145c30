package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// reading is a scenario that reads users.csv, with these parameters of loadpilot.data and this body of its class.
func reading(parameters, body string) string {
	return "import loadpilot\n" + imports + "USERS = loadpilot.data(\"users.csv\"" + parameters + ")\n\n" +
		"@scenario(rps=20, duration='3s', mode='constant', max_lag='5s')\nclass Flow(VUser):\n" + body
}

const readTask = "    @task\n    def look(self, client: LoadClient):\n        client.get('/row/' + USERS.row()['name'])\n"

// userRows is a users.csv of n rows.
func userRows(n int) string {
	var b strings.Builder
	b.WriteString("name,password\n")
	for i := range n {
		fmt.Fprintf(&b, "u%d,\"secret, %d\"\n", i, i)
	}
	return b.String()
}

func TestWrongDataIsNamed(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		source, users string
		says          []string
	}{
		"no such file": {reading("", readTask), "", []string{
			`File "flow.py", line 4`, `USERS = loadpilot.data("users.csv")`, "^^^^^^^^^^^", `data: there is no file "users.csv" in the scenario's folder`,
		}},
		"a name that is computed": {strings.Replace(reading("", readTask), `"users.csv"`, `"users" + ".csv"`, 1), "", []string{"line 4", "literal"}},
		"outside of the folder":   {strings.Replace(reading("", readTask), `users.csv`, `../users.csv`, 1), "", []string{"line 4", `"../users.csv" is not the name`}},
		"a bad row": {reading("", readTask), "name,password\nada,a1,x\n", []string{
			"line 4", "users.csv, line 2: 3 fields where the header has 2",
		}},
		"no rows": {reading("", readTask), "name,password\n", []string{"line 4", "users.csv has no rows"}},
		"a column of the parameter": {reading(`, columns=["name", "nick"]`, readTask), userRows(1), []string{
			"line 4", "^^^^^^", `users.csv has no column "nick", only name, password`,
		}},
		"a column of a row": {reading("", strings.Replace(readTask, "'name'", "'nam'", 1)), userRows(1), []string{
			`File "flow.py", line 10`, "^^^^^", `users.csv has no column "nam", only name, password`,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t)
			file := l.file("flow.py", tc.source)
			if tc.users != "" {
				l.file("users.csv", tc.users)
			}
			for _, flags := range [][]string{{"--agents", "1"}, {"--dry-run"}} {
				p := l.run(load.ExitConfig, append([]string{"run", file, "--demo"}, flags...)...)
				for _, text := range tc.says {
					require.Contains(t, p.Stderr(), text)
				}
				require.Empty(t, p.Stdout(), "nothing was started")
			}
		})
	}
}

func TestEachRowIsUsedOnceByAllGenerators(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	l.file("users.csv", userRows(60))
	r := l.result(load.ExitPassed, "run", l.file("flow.py", reading("", readTask)), "-t", target, "--agents", "2")
	requireWhole(t, r, 60)
	requireShares(t, r, 2, 0.4)
	requireOnce(t, target, "/row/u", 60)
}

// requireOnce checks that a target has seen the prefix with the numbers from 0 to n once each, and no other.
func requireOnce(t *testing.T, target, prefix string, n int) {
	t.Helper()
	record, err := testkit.FetchRecord(t.Context(), target)
	require.NoError(t, err)
	want := map[string]int{}
	for i := range n {
		want[fmt.Sprintf("GET %s%d", prefix, i)] = 1
	}
	maps.DeleteFunc(record.Paths, func(path string, _ int) bool { return !strings.HasPrefix(path, "GET "+prefix) })
	require.Equal(t, want, record.Paths)
}

func TestARunStopsWhenThereAreNoMoreRows(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	l.file("users.csv", userRows(30))
	file := l.file("flow.py", reading(`, end="stop"`, readTask))
	begun := time.Now()
	r := l.result(load.ExitPassed, "run", file, "-t", target, "--agents", "2", "--duration", "10m")
	require.Less(t, time.Since(begun), 5*time.Minute)
	require.Equal(t, "users.csv: no more rows", r.Reason)
	require.Equal(t, load.StateDone, r.State)
	require.True(t, r.Ledger.Balanced(), "%+v", r.Ledger)
	require.EqualValues(t, 12000, r.Ledger.Planned)
	require.Equal(t, r.Ledger.Started, r.Ledger.Completed, "an iteration without a row is over, not unfinished")
	require.Greater(t, r.Ledger.Started, int64(30))
	require.EqualValues(t, 30, r.RequestsTotal)
	require.Zero(t, r.ErrorsTotal, "%+v", r.Errors)
	requireOnce(t, target, "/row/u", 30)
}

func TestUsersOfAllGeneratorsHaveRowsOfTheirOwn(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	l.file("users.csv", userRows(10))
	r := l.result(load.ExitPassed, "run", l.file("flow.py", reading(`, order="user", end="stop"`, `
    def on_start(self, client):
        self.user = USERS.row()
        client.get("/login/" + self.user["name"])

    @task
    def look(self, client):
        assert USERS.row() == self.user
        client.get("/work")
`)), "-t", target, "--agents", "2", "--users", "5", "--max-users", "5")
	requireWhole(t, r, 60)
	requireOnce(t, target, "/login/u", 10)
}
