package python_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var update = flag.Bool("update", false, "write golden files from python3's output")

// run executes a script as `python3 name` does: what it printed, then what it logged
// and the traceback of an error that nobody caught.
func run(t *testing.T, name string, src []byte, limits runtime.Limits) string {
	t.Helper()
	prog, err := python.Compile(name, src, python.Config{Environ: map[string]string{"REGION": "eu"}})
	if err != nil {
		return err.Error() + "\n"
	}
	var out, errOut bytes.Buffer
	th := runtime.NewThread(limits)
	th.Out, th.Err = &out, &errOut
	if _, err := prog.Load(t.Context(), th); err != nil {
		var e *runtime.Exception
		if !errors.As(err, &e) {
			t.Fatalf("load: %v", err)
		}
		errOut.WriteString(e.Traceback())
	}
	return out.String() + errOut.String()
}

// TestDifferential compares the engine with python3 3.11, and with the golden files
// where there is none.
func TestDifferential(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.py")
	if err != nil || len(files) < 80 {
		t.Fatalf("scripts: %v, %d found, want at least 80", err, len(files))
	}
	oracle := pythonPath()
	if oracle == "" {
		t.Log("compared with golden files: no python3 of version 3.11 here")
	} else {
		t.Logf("compared with %s", oracle)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".py"), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".py") + ".golden"
			var want []byte
			if oracle != "" {
				want = runPython(t, oracle, file)
				if *update {
					if err := os.WriteFile(golden, want, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			} else if want, err = os.ReadFile(golden); err != nil {
				t.Fatal(err)
			}
			got := run(t, filepath.Base(file), src, runtime.Limits{})
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("python3 (-) and the engine (+) differ:\n%s", diff)
			}
		})
	}
}

// pythonPath finds an interpreter of the version whose texts the engine has.
func pythonPath() string {
	path, err := exec.LookPath("python3")
	if err != nil {
		return ""
	}
	out, err := exec.Command(path, "-c", "import sys; print(sys.version_info[:2] == (3, 11))").Output()
	if err != nil || strings.TrimSpace(string(out)) != "True" {
		return ""
	}
	return path
}

func runPython(t *testing.T, python, file string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, "-P", "-W", "ignore", file) // -P: scripts have names of modules
	cmd.Env = append(os.Environ(), "REGION=eu", "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		if _, failed := errors.AsType[*exec.ExitError](err); !failed {
			t.Fatal(err)
		}
	}
	out.Write(errOut.Bytes())
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.ReplaceAll(out.Bytes(), []byte(dir+string(filepath.Separator)), nil)
}
