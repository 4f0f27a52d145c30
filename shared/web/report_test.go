package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAReportHoldsTheResultWhateverItsTextsAre(t *testing.T) {
	t.Parallel()
	result := []byte("{\n  \"scenario\": \"</title><script>alert(1)</script>\", \"reason\": \"</script><script>alert(2)</script><!--\u2028\"\n}")
	var page bytes.Buffer
	require.NoError(t, Report(&page, result))
	text := page.String()

	assert.Equal(t, 3, strings.Count(text, "</script>"), "the result and the two scripts")
	assert.NotContains(t, text, "alert(1)</script>")
	data := regexp.MustCompile(`(?s)<script type="application/json" id="result">(.*?)</script>`).FindStringSubmatch(text)
	require.NotNil(t, data)
	assert.JSONEq(t, string(result), data[1])
}

// TestAReportRunsItsOwnScriptsOnly recomputes the digests of the policy from the page.
func TestAReportRunsItsOwnScriptsOnly(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	require.NoError(t, Report(&page, []byte(`{"scenario":"Checkout"}`)))
	text := page.String()
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(text)
	require.NotNil(t, policy)
	assert.True(t, strings.HasPrefix(policy[1], "default-src 'none'; "))
	for _, element := range []string{"style", "script"} {
		for _, match := range regexp.MustCompile(`(?s)<`+element+`>(.*?)</`+element+`>`).FindAllStringSubmatch(text, -1) {
			assert.Contains(t, policy[1], digest(match[1]))
		}
	}
	assert.NotRegexp(t, `(?:src|href)="(?:http|/)`, text, "a file opens without a network")
	assert.Contains(t, text, "<title>Checkout – LoadPilot</title>")
}

func TestAReportOfSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	for _, wrong := range []string{"", "[]", `{"scenario"`} {
		var page bytes.Buffer
		require.Error(t, Report(&page, []byte(wrong)), wrong)
		assert.Empty(t, page.String())
	}
	var syntax *json.SyntaxError
	require.ErrorAs(t, Report(&bytes.Buffer{}, []byte("{")), &syntax)
	require.ErrorIs(t, Report(full{}, []byte("{}")), errFull)
}

var errFull = errors.New("no space left")

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
