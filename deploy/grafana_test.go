package deploy_test

import (
	"encoding/json"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/deploy"
	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
)

// dashboard is the part of a Grafana dashboard that can be wrong without anybody noticing.
type dashboard struct {
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Templating struct {
		List []variable `json:"list"`
	} `json:"templating"`
	Panels []struct {
		ID      int    `json:"id"`
		Type    string `json:"type"`
		Title   string `json:"title"`
		GridPos struct {
			H int `json:"h"`
			W int `json:"w"`
			X int `json:"x"`
			Y int `json:"y"`
		} `json:"gridPos"`
		Datasource struct {
			Type string `json:"type"`
			UID  string `json:"uid"`
		} `json:"datasource"`
		Targets []struct {
			Query string `json:"query"`
		} `json:"targets"`
		Transformations []struct {
			ID      string `json:"id"`
			Options struct {
				JSONPaths []struct {
					Path  string `json:"path"`
					Alias string `json:"alias"`
				} `json:"jsonPaths"`
			} `json:"options"`
		} `json:"transformations"`
		Options struct {
			XField string `json:"xField"`
		} `json:"options"`
	} `json:"panels"`
}

// variable is what is chosen above a dashboard.
type variable struct {
	Name       string          `json:"name"`
	Type       string          `json:"type"`
	Definition string          `json:"definition"`
	Query      json.RawMessage `json:"query"`
}

func openDashboard(t *testing.T, name string) dashboard {
	t.Helper()
	text, err := deploy.Monitoring.ReadFile("monitoring/grafana/dashboards/" + name)
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(text, &d))
	return d
}

// Panels have an id each, lie beside each other, and ask the data source that was chosen above.
func TestDashboardsAreLaidOut(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{"loadpilot.json": "prometheus", "loadpilot-redis.json": "redis-datasource"} {
		d := openDashboard(t, name)
		require.NotEmpty(t, d.UID)
		require.Equal(t, "datasource", d.Templating.List[0].Type)
		require.JSONEq(t, `"`+source+`"`, string(d.Templating.List[0].Query))
		ids := map[int]bool{}
		taken := map[[2]int]string{}
		for _, p := range d.Panels {
			require.False(t, ids[p.ID], "%s: two panels have the id %d", name, p.ID)
			ids[p.ID] = true
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				require.Less(t, x, 24, p.Title)
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					require.Empty(t, taken[[2]int{x, y}], "%s: %s lies on another panel", name, p.Title)
					taken[[2]int{x, y}] = p.Title
				}
			}
			if p.Type != "row" {
				require.NotEmpty(t, p.Targets, p.Title)
				require.Equal(t, source, p.Datasource.Type, p.Title)
				require.Equal(t, "${source}", p.Datasource.UID, p.Title)
			}
		}
	}
}

// What Grafana and Prometheus are told to read is there.
func TestProvisioningFindsItsFiles(t *testing.T) {
	t.Parallel()
	require.NoError(t, fs.WalkDir(deploy.Monitoring, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".yml" {
			return err
		}
		text, err := fs.ReadFile(deploy.Monitoring, name)
		require.NoError(t, err)
		var content map[string]any
		require.NoError(t, yaml.Unmarshal(text, &content), name)
		require.NotEmpty(t, content, name)
		return nil
	}))
	compose, err := deploy.Monitoring.ReadFile("monitoring/compose.yml")
	require.NoError(t, err)
	provider, err := deploy.Monitoring.ReadFile("monitoring/grafana/provisioning/dashboards/loadpilot.yml")
	require.NoError(t, err)
	folder := regexp.MustCompile(`path: (\S+)`).FindSubmatch(provider)
	require.NotNil(t, folder)
	require.Contains(t, string(compose), "./grafana/dashboards:"+string(folder[1])+":ro")
	for _, mapped := range regexp.MustCompile(`- \./(\S+?):`).FindAllSubmatch(compose, -1) {
		_, err := fs.Stat(deploy.Monitoring, "monitoring/"+string(mapped[1]))
		require.NoError(t, err)
	}
	for _, address := range regexp.MustCompile(`(?:listen-address=|HTTP_ADDR: )(\S+)`).FindAllSubmatch(compose, -1) {
		require.True(t, strings.HasPrefix(string(address[1]), "127.0.0.1"), "%s is not on loopback", address[1])
	}
}

// shop fills a Redis server with a run and an API load test, by the code that does so in service.
func shop(t *testing.T) (client *redis.Client, runID, testID string) {
	t.Helper()
	server, err := embedded.StartRedis(embedded.RedisConfig{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	address := (&url.URL{Scheme: "redis", Host: server.Addr()}).String()
	store, err := redisstore.Open(redisstore.Config{URL: address})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	runID, testID = uuid.Must(uuid.NewV7()).String(), uuid.Must(uuid.NewV7()).String()
	_, err = store.Write(t.Context(), load.StoreUpdate{
		Run: runID, Epoch: 1, StartedAt: time.Now(), State: load.StateRunning, Verdict: "passed", Trust: "trusted",
		Live: load.Live{RunID: runID}, Seconds: []load.Second{{Second: 0}, {Second: 1}},
	})
	require.NoError(t, err)
	tests, err := archive.Open(archive.Config{RedisURL: address, Dir: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, tests.Close()) }()
	_, err = tests.Put(t.Context(), &run.Result{
		TestID: testID, State: run.StateCompleted, StartedAt: time.Now(), Config: run.Config{Path: "/health", Target: "http://h"}.WithDefaults(),
	})
	require.NoError(t, err)
	client = redis.NewClient(&redis.Options{Addr: server.Addr(), Protocol: 2})
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	return client, runID, testID
}

// ask does what the plugin does with a query, and returns the values.
func ask(t *testing.T, client *redis.Client, query string) []string {
	t.Helper()
	var args []any
	for word := range strings.FieldsSeq(query) {
		args = append(args, word)
	}
	answer, err := client.Do(t.Context(), args...).Result()
	require.NoError(t, err, query)
	switch answer := answer.(type) {
	case string:
		return []string{answer}
	case []any:
		var out []string
		for _, v := range answer {
			out = append(out, v.(string))
		}
		return out
	default:
		require.Fail(t, "the plugin cannot show the answer", "%s: %T", query, answer)
		return nil
	}
}

// The dashboard on Redis asks for keys and fields that there are. The test fails when one of them gets another name.
func TestRedisDashboardFindsWhatItAsksFor(t *testing.T) {
	t.Parallel()
	client, runID, testID := shop(t)
	d := openDashboard(t, "loadpilot-redis.json")
	for name, want := range map[string]string{"run": runID, "test": testID} {
		i := slices.IndexFunc(d.Templating.List, func(v variable) bool { return v.Name == name })
		require.GreaterOrEqual(t, i, 0, name)
		require.Equal(t, []string{want}, ask(t, client, d.Templating.List[i].Definition), name)
	}
	variables := strings.NewReplacer("$run", runID, "$test", testID)
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			values := ask(t, client, variables.Replace(target.Query))
			require.NotEmpty(t, values, p.Title)
			require.NotContains(t, values, "", p.Title)
			for _, transformation := range p.Transformations {
				fields := []string{}
				for _, field := range transformation.Options.JSONPaths {
					fields = append(fields, field.Alias)
					requireField(t, values, field.Path)
				}
				if transformation.ID == "extractFields" && p.Type == "trend" {
					require.Contains(t, fields, p.Options.XField, p.Title)
				}
			}
		}
	}
}

// requireField checks that each JSON document has a value at a dotted path.
func requireField(t *testing.T, documents []string, dotted string) {
	t.Helper()
	for _, text := range documents {
		var value any
		require.NoError(t, json.Unmarshal([]byte(text), &value))
		for name := range strings.SplitSeq(dotted, ".") {
			object, ok := value.(map[string]any)
			require.True(t, ok, "%s in %s", dotted, text)
			require.Contains(t, object, name, "%s in %s", dotted, text)
			value = object[name]
		}
	}
}
