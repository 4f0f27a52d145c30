package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/loadpilot/loadpilot/shared/load"
)

// tree returns the files below a folder with their texts.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		relative, err := filepath.Rel(dir, name)
		require.NoError(t, err)
		out[filepath.ToSlash(relative)] = string(text)
		return nil
	}))
	return out
}

// What init leaves works: the scenario passes its check, the compose file loads with its files there, and the workflow uses
// commands and flags that there are.
func TestInit(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitPassed, "init", "shop")
	dir := filepath.Join(l.dir, "shop")
	files := tree(t, dir)
	for _, name := range []string{
		"scenarios/example.py", ".env.example", ".github/workflows/loadpilot.yml", "monitoring/compose.yml", "monitoring/prometheus.yml",
		"monitoring/grafana/dashboards/loadpilot.json", "monitoring/grafana/dashboards/loadpilot-redis.json",
		"monitoring/grafana/provisioning/datasources/loadpilot.yml", "monitoring/grafana/provisioning/dashboards/loadpilot.yml",
	} {
		require.Contains(t, files, name)
		require.Contains(t, p.Stdout(), "created "+filepath.Join("shop", filepath.FromSlash(name))+"\n")
	}
	require.Equal(t, len(files), strings.Count(p.Stdout(), "created "), p.Stdout())

	require.Contains(t, l.run(load.ExitPassed, "check", filepath.Join("shop", "scenarios", "example.py")).Stdout(), "Nothing wrong was found.")
	checkMonitoring(t, dir)
	checkWorkflow(t, files[".github/workflows/loadpilot.yml"])

	// What init says to try works with the settings of the environment file, too.
	l.env = append(l.env, regexp.MustCompile(`(?m)^[A-Z_]+=.*`).FindAllString(files[".env.example"], -1)...)
	try := regexp.MustCompile(`Try it: loadpilot (.*)`).FindStringSubmatch(p.Stdout())
	require.NotNil(t, try)
	require.Contains(t, l.run(load.ExitPassed, append(strings.Fields(try[1]), "--dry-run")...).Stdout(), "http://127.0.0.1:")
	p = l.run(load.ExitConfig, append(strings.Fields(try[1]), "--target", "http://127.0.0.1:1")...)
	require.Contains(t, p.Stderr(), "--demo and --target exclude each other")
}

func checkMonitoring(t *testing.T, dir string) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "monitoring", "compose.yml")}, cli.WithEnv([]string{"GRAFANA_PASSWORD=x"}))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	require.Len(t, project.Services, 2)
	for name, service := range project.Services {
		require.Equal(t, "host", service.NetworkMode, name)
		for _, volume := range service.Volumes {
			if volume.Type == "bind" {
				_, err := os.Stat(volume.Source)
				require.NoError(t, err)
			}
		}
	}
}

// checkWorkflow looks up each command of a workflow.
func checkWorkflow(t *testing.T, text string) {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Run string `yaml:"run"`
			} `yaml:"steps"`
		} `yaml:"jobs"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &workflow))
	commands := 0
	for _, step := range workflow.Jobs["load-test"].Steps {
		args := strings.Fields(step.Run)
		if len(args) == 0 || args[0] != "loadpilot" {
			continue
		}
		commands++
		command, rest, err := newRootCommand(streams{}).Find(args[1:])
		require.NoError(t, err, step.Run)
		require.NoError(t, command.ParseFlags(rest), step.Run)
	}
	require.Equal(t, 1, commands)
}

// A second init changes nothing, brings back what is missing, and follows no link out of the folder.
func TestInitOverwritesNothing(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.run(load.ExitPassed, "init")
	l.file(filepath.Join("scenarios", "example.py"), "mine")
	require.NoError(t, os.Remove(filepath.Join(l.dir, ".env.example")))
	want := tree(t, l.dir)
	p := l.run(load.ExitPassed, "init")
	require.Equal(t, 1, strings.Count(p.Stdout(), "created "), p.Stdout())
	require.Contains(t, p.Stdout(), "created .env.example\n")
	got := tree(t, l.dir)
	require.NotEmpty(t, got[".env.example"])
	delete(got, ".env.example")
	require.Equal(t, want, got)

	outside := t.TempDir()
	linked := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(linked, "monitoring")); err != nil {
		t.Skip("no links here: ", err)
	}
	l.run(load.ExitConfig, "init", linked)
	require.Empty(t, tree(t, outside))
}
