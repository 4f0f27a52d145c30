package main

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

// TestWhatGeneratorsSay reads what real runs of the generators have printed.
func TestWhatGeneratorsSay(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	for file, tc := range map[string]struct {
		parse func([]byte) (report, error)
		want  report
	}{
		"loadpilot.json": {
			parse: parseLoadpilot,
			want:  report{seconds: 2, started: 2000, passed: 1998, refused: 2, p50: 0.862, p99: 116.031, lag50: 0.672, lag99: 57.983},
		},
		"closed.json": {
			parse: parseClosed,
			want:  report{seconds: 2.008163642, started: 89290, p50: 0.39, p99: 6.315, lag50: nan, lag99: nan},
		},
		"k6.json": {
			parse: parseK6,
			want: report{
				seconds: 2.073554294, started: 2021, passed: 2018, refused: 3, p50: 17.302849, p99: 196.13504371999937, lag50: nan, lag99: nan,
			},
		},
		"fortio.json": {
			parse: parseFortio,
			want:  report{seconds: 2.00081242, started: 1000, p50: 0.5914093, p99: 17.2000000, lag50: nan, lag99: nan},
		},
		"wrk.txt": {
			parse: parseWrk,
			want:  report{seconds: 2.05, started: 45124, p50: 0.242, p99: 111.21, lag50: nan, lag99: nan},
		},
		"wrk_refused.txt": {
			parse: parseWrk,
			want:  report{seconds: 1.01, started: 23274, failed: 23274, p50: 0.229, p99: 35.53, lag50: nan, lag99: nan},
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			out, err := os.ReadFile("testdata/" + file)
			require.NoError(t, err)
			got, err := tc.parse(out)
			require.NoError(t, err)
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(report{}), cmpopts.EquateNaNs(), cmpopts.EquateApprox(0, 1e-6)); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
			_, err = tc.parse([]byte("Killed"))
			require.Error(t, err)
		})
	}
}

func TestErrorsOfSocketsAreFailedRequests(t *testing.T) {
	t.Parallel()
	r, err := parseWrk([]byte("  10 requests in 1.00m, 1KB read\n  Socket errors: connect 1, read 2, write 3, timeout 4\n"))
	require.NoError(t, err)
	require.Equal(t, int64(10), r.failed)
	require.InDelta(t, 60, r.seconds, 0)
}

func TestParseCount(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("testdata/count.txt")
	require.NoError(t, err)
	n, err := parseCount(string(page))
	require.NoError(t, err)
	require.Equal(t, int64(73888), n)
	_, err = parseCount("<html>404</html>")
	require.Error(t, err)
}

func TestPeakMemory(t *testing.T) {
	t.Parallel()
	require.Equal(t, int64(45056<<10), peakMemory("Name:\tk6\nVmHWM:\t   45056 kB\nVmRSS:\t   39000 kB\n"))
	require.Zero(t, peakMemory("Name:\tk6\nState:\tZ (zombie)\n"))
}

func TestFirstLine(t *testing.T) {
	t.Parallel()
	require.Equal(t, "1.66.0", firstLine([]byte("\n1.66.0\nmore\n"), nil))
	require.Equal(t, "unknown", firstLine(nil, nil))
	require.Equal(t, "unknown", firstLine([]byte("half"), os.ErrNotExist))
}

func TestParseBusy(t *testing.T) {
	t.Parallel()
	const stat = "cpu  20 0 0 0 0 0 0 0 0 0\ncpu0 10 0 0 0 0 0 0 0 0 0\ncpu1 100 20 30 9000 500 4 5 6 7 8\n"
	busy, err := parseBusy(stat, "cpu1")
	require.NoError(t, err)
	require.Equal(t, 1650*time.Millisecond, busy)
	_, err = parseBusy(stat, "cpu2")
	require.Error(t, err)
	_, err = parseBusy("cpu1 a b c d e f g h i j\n", "cpu1")
	require.Error(t, err)
}
