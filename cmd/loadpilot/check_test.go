package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

const faulty = `import random

from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=10, duration="10s", mode="constant", thresholds={"p99_ms": 500})
class Shop(VUser):
    def on_start(self, client: LoadClient):
        self.token = client.post("/auth/login", json={}).json()["access_token"]

    @task(weight=3)
    def browse(self, client: LoadClient):
        client.get("/api/products", headers={"Authorization": self.tokn})

    def check_browse(self, status_code, body):
        assert (status_code == 200, "refused")

    @task
    def buy(self, client: LoadClient):
        client.post("/api/orders", json={"product_id": random.randint(1, 9)})
`

func TestCheckSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(2, "check", l.file("shop.py", faulty))
	want := `shop.py:13:68: error: 'Shop' object has no attribute 'tokn': nothing in the class or its bases assigns it
    client.get("/api/products", headers={"Authorization": self.tokn})
                                                               ^^^^
    did you mean 'token'?

shop.py:16:16: warning: this assertion never fails: a tuple is always true
    assert (status_code == 200, "refused")
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    take the parentheses away

Shop  mode constant: 10 RPS for 10s, 100 iterations
  hooks      on_start
  task       browse  weight 3, 75%
                     static: its requests are made once a user, from self.tokn
                     check_browse reads the status only
  task       buy     weight 1, 25%
                     dynamic: line 20: random.randint(1, 9) changes with each arrival
  threshold  p99_ms < 500

1 error, 1 warning
`
	require.Empty(t, cmp.Diff(want, p.Stdout()))
	require.Empty(t, p.Stderr())

	// Warnings alone are no failure.
	p = l.run(0, "check", l.file("shop.py", strings.Replace(faulty, "tokn", "token", 1)))
	require.Contains(t, p.Stdout(), "1 warning\n")
}

func TestCheckAsJSON(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var got struct {
		File      string `json:"file"`
		Errors    int    `json:"errors"`
		Warnings  int    `json:"warnings"`
		Scenarios []struct {
			Name  string  `json:"name"`
			RPS   float64 `json:"rps"`
			Tasks []struct {
				Name     string  `json:"name"`
				SharePct float64 `json:"share_pct"`
				Static   bool    `json:"static"`
				Reason   struct {
					Line int    `json:"line"`
					Text string `json:"text"`
				} `json:"reason"`
			} `json:"tasks"`
		} `json:"scenarios"`
		Findings []struct {
			Severity string `json:"severity"`
			Message  string `json:"message"`
			Hint     string `json:"hint"`
			Line     int    `json:"line"`
			Column   int    `json:"column"`
		} `json:"findings"`
	}
	require.NoError(t, json.Unmarshal([]byte(l.run(2, "check", l.file("shop.py", faulty), "--json").Stdout()), &got))
	require.Equal(t, "shop.py", got.File)
	require.Equal(t, [2]int{1, 1}, [2]int{got.Errors, got.Warnings})
	require.Equal(t, "error", got.Findings[0].Severity)
	require.Equal(t, [2]int{13, 68}, [2]int{got.Findings[0].Line, got.Findings[0].Column})
	require.Equal(t, "did you mean 'token'?", got.Findings[0].Hint)
	require.Equal(t, "Shop", got.Scenarios[0].Name)
	require.InDelta(t, 10, got.Scenarios[0].RPS, 0)
	require.InDelta(t, 75, got.Scenarios[0].Tasks[0].SharePct, 0)
	require.False(t, got.Scenarios[0].Tasks[1].Static)
	require.Equal(t, 20, got.Scenarios[0].Tasks[1].Reason.Line)

	require.NoError(t, json.Unmarshal([]byte(l.run(2, "check", l.file("bad.py", "x = = 1\n"), "--json").Stdout()), &got))
	require.Equal(t, "invalid syntax", got.Findings[0].Message)
	require.Empty(t, got.Scenarios)
}

func TestCheckOfFilesThatCannotBeCompiled(t *testing.T) {
	t.Parallel()
	l := setup(t)
	require.Contains(t, l.run(2, "check", l.file("a.py", "class A(\n")).Stdout(), "a.py:1:8: error: '(' was never closed\n    class A(\n           ^\n")
	require.Contains(t, l.run(2, "check", l.file("b.py", scenarioWith("rps=0", aTask))).Stdout(), "rps: 0 must be above 0")
	require.Contains(t, l.run(2, "check", l.file("c.py", imports+"x = 1 / 0\n")).Stdout(), "c.py:3: error: ZeroDivisionError: division by zero\n    x = 1 / 0\n")
	require.Contains(t, l.run(2, "check", "none.py").Stderr(), "no such file")
	require.Contains(t, l.run(2, "check", l.file("d.py", scenarioWith("rps=1", aTask)), "-s", "Other").Stderr(), "Other")
}

func TestCheckReadsDataAndEnvironment(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.file("users.csv", "name,password\nann,1\nbob,2\n")
	source := "import os\nimport loadpilot\n" + imports + "USERS = loadpilot.data('users.csv')\n@scenario(rps=float(os.environ['RATE']), duration='1s', mode='constant')\nclass Flow(VUser):\n" + aTask
	p := l.run(0, "check", l.file("flow.py", source), "--env", "RATE=25")
	require.Contains(t, p.Stdout(), "users.csv  2 rows: name, password\n")
	require.Contains(t, p.Stdout(), "25 RPS")
	require.Contains(t, l.run(2, "check", "flow.py").Stdout(), "KeyError: 'RATE'")
	secret := l.run(2, "check", "flow.py", "--env", "RATE=s3cret").Stdout()
	require.Contains(t, secret, "ValueError")
	require.NotContains(t, secret, "s3cret")
	require.Contains(t, l.run(2, "check", l.file("other.py", strings.Replace(source, "users.csv", "none.csv", 1)), "--env", "RATE=25").Stdout(), "none.csv")
}

func TestCheckFlagsThatDoNotGoTogether(t *testing.T) {
	t.Parallel()
	l := setup(t)
	file := l.file("flow.py", scenarioWith("rps=1", aTask))
	for _, args := range [][]string{{"--trace"}, {"--target", "http://127.0.0.1:1"}, {"--task", "look"}, {"--trace", "--json", "-t", "http://127.0.0.1:1"}} {
		p := l.run(2, append([]string{"check", file}, args...)...)
		require.Contains(t, p.Stderr(), args[0])
	}
}

// The scenarios that come with LoadPilot are without findings.
func TestScenariosHaveNoFindings(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, name := range []string{"batch", "checkout", "health", "journey", "spike", "step"} {
		p := l.run(0, "check", testdata(t, "../../../scenarios/"+name+".py"))
		require.Contains(t, p.Stdout(), "Nothing wrong was found.", name)
	}
}

// The commands of the user document name a scenario of a file.
func TestOneScenarioOfSeveral(t *testing.T) {
	t.Parallel()
	l := setup(t)
	file := testdata(t, "../../../shared/scenario/testdata/docs/several.py")
	p := l.run(0, "run", file, "--scenario", "HeavyFlow", "--target", "https://api.example.com", "--threshold", "p99_ms=800", "--threshold", "error_rate=2", "--dry-run")
	require.Contains(t, p.Stdout(), `"HeavyFlow"`)
	p = l.run(0, "check", file, "--scenario", "HeavyFlow")
	require.Contains(t, p.Stdout(), "HeavyFlow  mode spike: 100 RPS for 2m0s")
	require.NotContains(t, p.Stdout(), "LightFlow")
}

func TestFilesAreCompleted(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, command := range []string{"check", "exec"} {
		require.Equal(t, "py\n:8\n", l.run(0, "__complete", command, "").Stdout(), "files that end in .py")
		require.Contains(t, l.run(0, "__complete", command, "--e").Stdout(), "--env")
		require.Contains(t, l.run(0, command, "--help").Stdout(), "Examples:")
	}
}
