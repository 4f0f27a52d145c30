package deploy_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

// generators is what `docker compose up --scale generator=4` asks for.
const generators = 4

// healthyWithin is how long a container may take until its health check passes.
const healthyWithin = 60 * time.Second

// token is what the user of the fleet has chosen.
const token = "0123456789abcdef"

func loadProject(t *testing.T) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"}, cli.WithEnv([]string{"LOADPILOT_TOKEN=" + token}))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

func TestNothingIsPublishedBeyondLoopback(t *testing.T) {
	t.Parallel()
	for name, service := range loadProject(t).Services {
		for _, port := range service.Ports {
			require.Equal(t, "127.0.0.1", port.HostIP, "%s publishes %s", name, port.Published)
		}
		require.NotNil(t, service.HealthCheck, name)
		require.Equal(t, "unless-stopped", service.Restart, name)
	}
	require.Empty(t, loadProject(t).Services["generator"].Ports, "a port on the host would be in the way of a second one")
}

func TestTheFleetHasNoTokenByDefault(t *testing.T) {
	t.Parallel()
	options, err := cli.NewProjectOptions([]string{"../docker-compose.yml"})
	require.NoError(t, err)
	_, err = options.LoadProject(t.Context())
	require.ErrorContains(t, err, "LOADPILOT_TOKEN")
}

func TestTheImageIsBareAndRunsAsNobody(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../Dockerfile")
	require.NoError(t, err)
	_, last, found := strings.Cut(string(file), "FROM scratch\n")
	require.True(t, found)
	require.NotContains(t, last, "FROM ")
	require.Contains(t, last, "USER 65532:65532\n")
	require.Contains(t, last, `ENTRYPOINT ["/loadpilot"]`)
}

// A fleet is a compose project whose containers are processes. Each has an address of its own on loopback, as a
// container has on its network, so that commands and environments stay as they are but for the names of hosts.
type fleet struct {
	project  *types.Project
	subnet   string              // first three bytes of the addresses
	addrs    map[string]string   // service → address of its first container
	programs map[string]string   // image → path of what runs in it
	started  map[string][]string // service → addresses of its containers
}

// container is a service's command, ready to run.
type container struct {
	fleet   *fleet
	service types.ServiceConfig
	addr    string
	volumes map[string]string // path inside → folder of the test
}

func newFleet(t *testing.T) *fleet {
	t.Helper()
	redis, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("redis-server is not installed: the compose file is not started (make tools installs it on Debian)")
	}
	f := &fleet{
		project: loadProject(t),
		subnet:  fmt.Sprintf("127.%d.%d", 64+rand.IntN(128), rand.IntN(256)),
		addrs:   make(map[string]string),
		programs: map[string]string{
			"nats":      testkit.Binary(t, "LOADPILOT_NATS_SERVER", "github.com/nats-io/nats-server/v2"),
			"redis":     redis,
			"loadpilot": testkit.Binary(t, "LOADPILOT_BINARY", "github.com/loadpilot/loadpilot/cmd/loadpilot"),
		},
		started: make(map[string][]string),
	}
	for i, name := range f.project.ServiceNames() {
		f.addrs[name] = fmt.Sprintf("%s.%d", f.subnet, 10+i)
	}
	return f
}

// up starts every service in the order of their dependencies, and waits until all are healthy.
func (f *fleet) up(t *testing.T) []*testkit.Process {
	t.Helper()
	var processes []*testkit.Process
	for len(f.started) < len(f.project.Services) {
		for _, name := range f.project.ServiceNames() {
			service := f.project.Services[name]
			if f.started[name] != nil || !f.hasAll(service.GetDependencies()) {
				continue
			}
			for replica := range f.replicas(name) {
				addr := f.addrs[name]
				if replica > 0 {
					addr = fmt.Sprintf("%s.%d", f.subnet, 100+replica)
				}
				c := &container{fleet: f, service: service, addr: addr, volumes: make(map[string]string)}
				process := c.start(t)
				c.waitHealthy(t, process)
				f.started[name] = append(f.started[name], addr)
				if service.Build != nil {
					processes = append(processes, process)
				}
			}
		}
	}
	return processes
}

func (f *fleet) hasAll(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return f.started[name] == nil })
}

func (f *fleet) replicas(name string) int {
	if name == "generator" {
		return generators
	}
	return 1
}

func (c *container) start(t *testing.T) *testkit.Process {
	t.Helper()
	for _, volume := range c.service.Volumes {
		c.volumes[volume.Target] = t.TempDir()
	}
	image, _, _ := strings.Cut(c.service.Image, ":")
	args := c.translate(c.service.Command)
	if len(args) > 0 && args[0] == "redis-server" { // the image's entrypoint takes either
		args = args[1:]
	}
	var env []string
	for key, value := range c.service.Environment {
		require.NotNil(t, value, "%s of %s has no value", key, c.service.Name)
		env = append(env, key+"="+c.translate([]string{*value})[0])
	}
	scratch := t.TempDir()
	return testkit.Start(t, testkit.Command{
		Path: c.fleet.programs[image], Args: args, Env: append(env, "HOME="+scratch, "XDG_STATE_HOME="+scratch), Dir: scratch,
	})
}

// translate names in place of the container's network and volumes what stands for them here.
func (c *container) translate(words []string) []string {
	replacements := []string{"0.0.0.0", c.addr, "127.0.0.1", c.addr}
	for name, addr := range c.fleet.addrs {
		replacements = append(replacements, "//"+name+":", "//"+addr+":")
	}
	for inside, folder := range c.volumes {
		replacements = append(replacements, inside, folder)
	}
	replacer := strings.NewReplacer(replacements...)
	translated := make([]string, len(words))
	for i, word := range words {
		translated[i] = replacer.Replace(word)
	}
	return translated
}

// waitHealthy runs the container's own health check until it passes. One whose program is not on this machine is left out;
// the services that depend on it tell.
func (c *container) waitHealthy(t *testing.T, process *testkit.Process) {
	t.Helper()
	test := c.translate(c.service.HealthCheck.Test)
	require.Equal(t, "CMD", test[0])
	program, args := test[1], test[2:]
	var env []string
	if program == "/loadpilot" {
		program = c.fleet.programs["loadpilot"]
		env = append(os.Environ(), "LOADPILOT_LISTEN="+c.translate([]string{*c.service.Environment["LOADPILOT_LISTEN"]})[0])
	} else if _, err := exec.LookPath(program); err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(t.Context(), healthyWithin)
	defer cancel()
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		check := exec.CommandContext(ctx, program, args...)
		check.Env = env
		out, err := check.CombinedOutput()
		if err == nil {
			return
		}
		select {
		case <-process.Exited():
			t.Fatalf("%s ended with %d: %s", c.service.Name, process.ExitCode(), process.Stderr())
		case <-ctx.Done():
			t.Fatalf("%s does not become healthy: %s%s", c.service.Name, out, process.Stderr())
		case <-retry.C:
		}
	}
}

func TestTheComposedFleetRunsAScenario(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("an address for each container: only Linux has all of 127.0.0.0/8 on loopback")
	}
	f := newFleet(t)
	processes := f.up(t)
	target := testkit.StartTarget(t, testkit.TargetConfig{})

	script, err := filepath.Abs("testdata/fleet.py")
	require.NoError(t, err)
	run := testkit.Start(t, testkit.Command{Path: f.programs["loadpilot"], Args: []string{
		"run", script, "--json", "--max-lag", "3s", // this machine may be busy; whether it can be trusted is not the question
		"--gateway-url", "http://" + f.addrs["gateway"] + ":8080", "--target", target.URL(),
	}, Env: []string{"LOADPILOT_TOKEN=" + token}, Dir: t.TempDir()})
	require.Contains(t, []int{0, 3}, run.Wait(), run.Stderr())

	var result struct {
		RequestsTotal int              `json:"requests_total"`
		ErrorsTotal   int              `json:"errors_total"`
		Generators    []map[string]any `json:"generators"`
	}
	require.NoError(t, json.Unmarshal([]byte(run.Stdout()), &result), run.Stdout())
	require.Equal(t, 160, result.RequestsTotal)
	require.Zero(t, result.ErrorsTotal)
	require.Len(t, result.Generators, generators)
	record := target.Record()
	require.Equal(t, 160, record.Requests())
	require.Empty(t, record.Missing(160))

	for _, process := range slices.Backward(processes) {
		require.Equal(t, 0, process.Stop(), "SIGTERM is an orderly end: %s", process.Stderr())
	}
}
