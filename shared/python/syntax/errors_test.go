package syntax_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// A chunk is a source and the error it must give.
type chunk struct {
	at           string
	source, want string
}

// readChunks reads a file of chunks: sources, each followed by a line `>>>` and the
// error expected, with a line `---` between chunks.
func readChunks(t *testing.T, file string) []chunk {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	var out []chunk
	line := 1
	for part := range strings.SplitSeq(string(data), "\n---\n") {
		source, want, ok := strings.Cut(part, "\n>>>\n")
		require.True(t, ok, "%s:%d: no >>> line", file, line)
		out = append(out, chunk{fmt.Sprintf("%s:%d", file, line), source, strings.TrimSuffix(want, "\n")})
		line += strings.Count(part, "\n") + 2
	}
	return out
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"testdata/errors.txt", "testdata/own.txt"} {
		for _, c := range readChunks(t, file) {
			t.Run(c.at, func(t *testing.T) {
				t.Parallel()
				_, err := syntax.Parse("t.py", []byte(c.source))
				require.Error(t, err, "%q", c.source)
				if diff := cmp.Diff(c.want, err.Error()); diff != "" {
					t.Errorf("%q (-want +got):\n%s", c.source, diff)
				}
			})
		}
	}
}
