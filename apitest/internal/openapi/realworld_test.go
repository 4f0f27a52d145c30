package openapi

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// testdata returns the folder of documents that kin-openapi is tested with, some of which are those of public APIs.
func testdata(t *testing.T) string {
	t.Helper()
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/getkin/kin-openapi").Output()
	require.NoError(t, err)
	return filepath.Join(strings.TrimSpace(string(folder)), "openapi3", "testdata")
}

// listed returns the operations of a document, without the path of its server.
func listed(t *testing.T, path string) (operations, warnings []string) {
	t.Helper()
	set, err := Source{Spec: path}.Routes(t.Context())
	require.NoError(t, err)
	for _, r := range set.Routes {
		operations = append(operations, r.Method+" "+r.Path)
	}
	return operations, set.Warnings
}

// theirs returns the operations that kin-openapi finds.
func theirs(document *openapi3.T) []string {
	var operations []string
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			operations = append(operations, method+" "+path)
		}
	}
	return operations
}

// loaded returns a document as kin-openapi reads it.
func loaded(path string) (*openapi3.T, error) {
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = func(_ *openapi3.Loader, location *url.URL) ([]byte, error) {
		if location.Scheme != "" {
			return nil, errors.New("tests stay on this machine")
		}
		return os.ReadFile(location.Path)
	}
	return loader.LoadFromFile(path)
}

// large is the OpenAPI document of SendGrid.
const large = "oai_v3_stoplight.json"

// All of its operations are found, and bodies are such as another reader of its schemas accepts.
func TestALargePublicDocument(t *testing.T) {
	t.Parallel()
	path := filepath.Join(testdata(t), large)
	document, err := loaded(path)
	require.NoError(t, err)
	set, err := Source{Spec: path, Target: "https://api.sendgrid.com/v3"}.Routes(t.Context())
	require.NoError(t, err)
	require.Len(t, set.Routes, 334)
	var operations []string
	bodies := 0
	for _, r := range set.Routes {
		operations = append(operations, r.Method+" "+r.Path)
		if r.ContentType == "" {
			continue
		}
		bodies++
		require.NotNil(t, r.Body, "%s %s", r.Method, r.Path)
		schema := document.Paths.Find(r.Path).GetOperation(r.Method).RequestBody.Value.Content[r.ContentType].Schema.Value
		for n := range int64(3) {
			text, err := r.Body.Sample(n, 1)
			require.NoError(t, err)
			var value any
			require.NoError(t, json.Unmarshal(text, &value))
			require.NoError(t, schema.VisitJSON(value, openapi3.VisitAsRequest()), "%s %s: %s", r.Method, r.Path, text)
		}
	}
	require.ElementsMatch(t, theirs(document), operations)
	require.Empty(t, set.Warnings)
	require.Greater(t, bodies, 100)
}

// Each document that kin-openapi can load has the same operations here.
func TestTheOperationsAreThoseOfAnotherReader(t *testing.T) {
	t.Parallel()
	compared, found := 0, 0
	err := filepath.WalkDir(testdata(t), func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Base(path) == large || !slices.Contains([]string{".json", ".yml", ".yaml"}, filepath.Ext(path)) {
			return err
		}
		document, err := loaded(path)
		if err != nil || !strings.HasPrefix(document.OpenAPI, "3.") || document.Paths.Len() == 0 {
			return nil //nolint:nilerr // it is no document of its own
		}
		operations, _ := listed(t, path)
		want := theirs(document)
		for i := range operations {
			if !slices.Contains(want, operations[i]) { // the path of its server comes first
				method, path, _ := strings.Cut(operations[i], " ")
				operations[i] = method + " " + strings.TrimPrefix(path, serverPath(document))
			}
		}
		require.ElementsMatch(t, want, operations, path)
		compared, found = compared+1, found+len(want)
		return nil
	})
	require.NoError(t, err)
	require.GreaterOrEqual(t, compared, 50)
	require.GreaterOrEqual(t, found, 200)
}

func serverPath(document *openapi3.T) string {
	if len(document.Servers) == 0 {
		return ""
	}
	path, _ := document.Servers.BasePath()
	return strings.TrimSuffix(path, "/")
}

func TestALargeSwagger2Document(t *testing.T) {
	t.Parallel()
	path := filepath.Join(testdata(t), "issue570.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var document openapi2.T
	require.NoError(t, json.Unmarshal(text, &document))
	var want []string
	for path, item := range document.Paths {
		for method := range item.Operations() {
			want = append(want, method+" "+strings.TrimSuffix(document.BasePath, "/")+path)
		}
	}
	operations, warnings := listed(t, path)
	require.ElementsMatch(t, want, operations)
	require.Empty(t, warnings)
}
