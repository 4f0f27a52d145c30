package scenario

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// blocks reads the pieces of the document that stand in testdata/docs between `# >>> NAME` and `# <<<`. Pieces of one name are
// one block, which had to be taken apart: each decorator needs a class. TestFilesRun runs them.
func blocks(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/docs/*.py")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out := map[string]string{}
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		name := ""
		for line := range strings.Lines(string(source)) {
			mark := strings.TrimSpace(line)
			switch begin, ok := strings.CutPrefix(mark, "# >>> "); {
			case ok:
				name = begin
			case mark == "# <<<":
				name = ""
			case name != "":
				out[name] += line
			}
		}
		require.Empty(t, name, "%s: a block does not end", file)
	}
	return out
}

// squeezed is a text without white space, of which the document has lost some.
func squeezed(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
}

// findDocument reads the user document that the dialect comes from: its folder is $LOADPILOT_DOCUMENTS, or stands beside the
// repository.
func findDocument(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("LOADPILOT_DOCUMENTS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "seeds")
	}
	files, err := filepath.Glob(filepath.Join(folder, "000*.txt"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skipf("compared with no document: there is no 000*.txt in %s (LOADPILOT_DOCUMENTS names another folder)", folder)
	}
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	return string(text)
}

// code matches the lines of the document that are Python.
var code = regexp.MustCompile(`^(@\w+\((.*\))?( #.*)?$|def \w+\(|class \w|assert |[\w.]+ = |client\.\w+\([^—]*[,)]$|\{"|\]\)$|\)$|\},?$|"\w+": |rps=|duration=|thresholds=|headers=)`)

// TestBlocksAreTheDocuments compares the blocks with the document: each stands in it, and it has no Python beside them.
func TestBlocksAreTheDocuments(t *testing.T) {
	t.Parallel()
	document := findDocument(t)
	text := squeezed(document)
	var known []string
	for name, block := range blocks(t) {
		require.Equal(t, 1, strings.Count(text, squeezed(block)), "block %q, white space aside:\n%s", name, block)
		for line := range strings.Lines(block) {
			known = append(known, squeezed(line))
		}
	}
	require.NotEmpty(t, known)
	checked := 0
	for line := range strings.Lines(document) {
		if line = strings.TrimSpace(line); code.MatchString(line) {
			checked++
			require.True(t, slices.Contains(known, squeezed(line)), "not in testdata/docs: %s", line)
		}
	}
	require.Greater(t, checked, 50, "lines of Python in the document")
}
