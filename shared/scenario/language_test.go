package scenario

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

var update = flag.Bool("update", false, "write the list of modules in docs/language.md")

const reference = "../../docs/language.md"

// languageNames are the names of each module that the language has, and of the built-in ones.
func languageNames() map[string][]string {
	public := func(names []string) []string {
		names = slices.DeleteFunc(names, func(name string) bool { return strings.HasPrefix(name, "_") })
		slices.Sort(names)
		return names
	}
	out := map[string][]string{"built-in": public(slices.Collect(maps.Keys(stdlib.Builtins())))}
	modules := stdlib.Modules()
	maps.Copy(modules, hostModules(&collector{}))
	for name, factory := range modules {
		out[name] = public(factory(stdlib.Host{}).Names())
	}
	return out
}

// listOfModules is the part of the reference that lists all names.
func listOfModules(names map[string][]string) string {
	var b strings.Builder
	for _, module := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(&b, "\n### %s\n\n", module)
		line := ""
		for _, name := range names[module] {
			if len(line)+len(name) > 118 {
				b.WriteString(strings.TrimSpace(line) + "\n")
				line = ""
			}
			line += " `" + name + "`"
		}
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String() + "\n"
}

// TestReferenceListsAllNames compares the reference with the modules, both ways.
func TestReferenceListsAllNames(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(reference)
	require.NoError(t, err)
	const begin, end = "<!-- modules -->\n", "<!-- /modules -->"
	before, rest, ok := strings.Cut(string(text), begin)
	require.True(t, ok)
	got, after, ok := strings.Cut(rest, end)
	require.True(t, ok)
	want := listOfModules(languageNames())
	if *update {
		require.NoError(t, os.WriteFile(reference, []byte(before+begin+want+end+after), 0o600))
		return
	}
	if diff := gocmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the modules (-) and docs/language.md (+) differ; go test -run ReferenceLists -update writes it:\n%s", diff)
	}
}

// TestEveryNameIsCalled looks for each name that the reference lists in the scripts that are compared with CPython.
func TestEveryNameIsCalled(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("../python/testdata/*.py")
	require.NoError(t, err)
	require.NotEmpty(t, scripts)
	used := map[string]bool{}
	word := regexp.MustCompile(`\w+`)
	for _, script := range scripts {
		source, err := os.ReadFile(script)
		require.NoError(t, err)
		for _, name := range word.FindAllString(string(source), -1) {
			used[name] = true
		}
	}
	for module, names := range languageNames() {
		if hostModules(nil)[module] != nil {
			continue // CPython does not have it
		}
		var missing []string
		for _, name := range names {
			if !used[name] {
				missing = append(missing, name)
			}
		}
		if len(missing) > 0 {
			t.Errorf("no script of shared/python/testdata mentions these names of %s: %s", module, strings.Join(missing, " "))
		}
	}
}

// pythonBlock matches a block of Python in a document.
var pythonBlock = regexp.MustCompile("(?s)```python\n(.*?)```")

// TestBlocksOfTheReference compiles every block of Python in the documents, without findings.
func TestBlocksOfTheReference(t *testing.T) {
	t.Parallel()
	documents, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	data := map[string]string{"users.csv": "name,password\nann,1\n", "searches.csv": "text\nmug\n"}
	const row = `{"id": 1, "sku": "a", "qty": 1, "name": "Ann"}` + "\n"
	for _, document := range append(documents, "../../README.md") {
		text, err := os.ReadFile(document)
		require.NoError(t, err)
		for i, block := range pythonBlock.FindAllStringSubmatch(string(text), -1) {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(document), i), func(t *testing.T) {
				t.Parallel()
				if !strings.Contains(block[1], "@scenario") {
					program, err := python.Compile("block.py", []byte(block[1]), python.Config{})
					require.NoError(t, err)
					_, err = program.Load(t.Context(), runtime.NewThread(runtime.Limits{}))
					require.NoError(t, err)
					return
				}
				names, err := DataFiles("block.py", []byte(block[1]))
				require.NoError(t, err)
				files := map[string]string{}
				for _, name := range names {
					files[name] = cmp.Or(data[name], row)
				}
				found, err := Inspect(t.Context(), "block.py", []byte(block[1]), Options{Files: files})
				require.NoError(t, err)
				require.Empty(t, findings(found))
				require.NotEmpty(t, found.Scenarios)
			})
		}
	}
}
