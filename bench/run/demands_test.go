package main

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// costs makes samples of so many µs of CPU a request.
func costs(micros ...int) []sample {
	all := make([]sample, len(micros))
	for i, m := range micros {
		all[i] = sample{
			order: order{work: static, rate: 1000, duration: time.Second}, report: blank(),
			usage: usage{cpu: time.Duration(m) * time.Millisecond, wall: time.Second}, requests: 1000,
		}
		all[i].seconds, all[i].started = 1, 1000
	}
	return all
}

func TestMedian(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 2, median([]float64{9, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{9, 1, 2, 3}), 0)
	require.True(t, math.IsNaN(median(nil)))
	require.True(t, math.IsNaN(median([]float64{1, math.NaN(), 2})), "a figure that a generator lacks must not look like one")
}

// TestARatioIsTheMedianOfRounds: what slows a round down slows both, so their ratio is taken before the median.
func TestARatioIsTheMedianOfRounds(t *testing.T) {
	t.Parallel()
	d := demand{row: loadpilot, against: fortio, figure: sample.cpuPerRequest, most: true, limit: 1.4}
	o := d.weigh(measured{loadpilot: costs(10, 60, 12), fortio: costs(10, 50, 10)})
	require.InDelta(t, 1.2, o.value, 1e-9)
	require.True(t, o.met())
}

func TestVerdict(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		outcome outcome
		met     bool
		says    string
	}{
		"most, met":     {outcome{demand{most: true, limit: 2}, 1.5}, true, "met, 25 % to spare"},
		"most, missed":  {outcome{demand{most: true, limit: 2}, 5}, false, "**not met**, 150 % off"},
		"least, met":    {outcome{demand{limit: 4}, 5}, true, "met, 25 % to spare"},
		"least, missed": {outcome{demand{limit: 4}, 3}, false, "**not met**, 25 % off"},
		"just missed":   {outcome{demand{limit: 99.9}, 99.89}, false, "**not met**, 0.01 % off"},
		"no figure":     {outcome{demand{most: true, limit: 2}, math.NaN()}, false, "**not met**: nothing was measured"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.met, tc.outcome.met())
			require.Equal(t, tc.says, tc.outcome.verdict())
		})
	}
}

// TestDemandsAreAboutRowsThatExist: a demand on a row that nobody measures would never be looked at.
func TestDemandsAreAboutRowsThatExist(t *testing.T) {
	t.Parallel()
	for _, d := range demands {
		i := slices.IndexFunc(scenes, func(s scene) bool { return s.name == d.scene })
		require.GreaterOrEqual(t, i, 0, d.scene)
		for _, label := range []string{d.row, d.against} {
			require.True(t, label == "" || slices.ContainsFunc(scenes[i].rows, func(r row) bool { return r.label == label }), "%s: %s", d.scene, label)
		}
	}
}

func TestChoose(t *testing.T) {
	t.Parallel()
	all, err := choose("")
	require.NoError(t, err)
	require.Len(t, all, len(scenes))
	some, err := choose("small,static-15k")
	require.NoError(t, err)
	require.Equal(t, []string{"small", "static-15k"}, []string{some[0].name, some[1].name})
	_, err = choose("small,nosuch")
	require.ErrorContains(t, err, "nosuch")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	checked := func(rate int, started, passed, refused int64) sample {
		return sample{
			order:  order{work: scripted, rate: rate, duration: time.Second},
			report: report{started: started, passed: passed, refused: refused},
		}
	}
	for name, tc := range map[string]struct {
		sample sample
		good   bool
	}{
		"all checked":               {checked(5000, 5000, 4995, 5), true},
		"some were not started":     {checked(5000, 4990, 4986, 4), true},
		"one more in the last lap":  {checked(5000, 5021, 5015, 6), true},
		"nothing was checked":       {checked(5000, 5000, 0, 0), false},
		"everything passed":         {checked(5000, 5000, 5000, 0), false},
		"everything was refused":    {checked(5000, 5000, 0, 5000), false},
		"half of them were checked": {checked(5000, 5000, 2497, 3), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tc.sample.verify(k6); tc.good {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "k6 did not check the answers")
			}
		})
	}
}

func TestHeld(t *testing.T) {
	t.Parallel()
	good := costs(10)[0]
	require.True(t, good.held(), "a generator that does not say how late it was")
	late, few, failed := good, good, good
	late.lag99, few.started, failed.failed = 20, 998, 1
	require.False(t, late.held())
	require.False(t, few.held())
	require.False(t, failed.held())
}

// TestHighest finds each possible border from each possible beginning, without trying all rates.
func TestHighest(t *testing.T) {
	t.Parallel()
	for _, border := range []int{-1, 0, 1, 7, 150, rungs - 2, rungs - 1} {
		for _, first := range []int{0, 1, 149, 150, 151, rungs - 1} {
			tried := 0
			got, err := highest(first, func(rung int) (bool, error) {
				tried++
				return rung <= border, nil
			})
			require.NoError(t, err)
			require.Equal(t, border, got, "from %d", first)
			require.LessOrEqual(t, tried, 17, "from %d to %d", first, border)
		}
	}
}

func TestRungs(t *testing.T) {
	t.Parallel()
	require.Equal(t, lowest, rateOf(0))
	require.Equal(t, 0, rungOf(1))
	require.Equal(t, rungs-1, rungOf(1<<40))
	for _, i := range []int{0, 1, 123, rungs - 1} {
		require.Equal(t, i, rungOf(rateOf(i)))
	}
	require.Greater(t, rateOf(rungs-1), 200_000)
}

func TestNumber(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0": number(0, 0), "999": number(999, 0), "1,000": number(1000, 0), "1,234,567.9": number(1234567.89, 1), "0.171": number(0.171, 3),
		"–": number(math.NaN(), 2),
	} {
		require.Equal(t, want, got)
	}
}

func TestTheDocument(t *testing.T) {
	t.Parallel()
	all := measured{loadpilot: costs(10, 11, 14), fortio: costs(10, 10, 10), k6: costs(80, 90, 100)}
	b := &book{date: time.Unix(0, 0), rounds: 3, duration: time.Second, machine: []fact{{"Go", "go1"}}, scenes: []chapter{{scenes[0], all}}}
	var s strings.Builder
	require.NoError(t, b.write(&s))
	for _, want := range []string{
		"sets GOGC=150 for itself", "k6 and fortio, which are programs in Go too, run with their defaults",
		"on 1970-01-01, on the machine below; rounds of each scene: 3, length of a run: 1s.", "| Go | go1 |\n",
		"| static-15k | CPU a request, against fortio | at most 1.4 | 1.1 | met, 21 % to spare |\n",
		"\n## GET, 15,000 requests a second\n",
		"| LoadPilot | 1,000 | 11.0 (10.0–14.0) | 0 | – | – | – | – | 100.00 | 0 | 0 |\n",
	} {
		require.Contains(t, s.String(), want)
	}
	require.NotContains(t, s.String(), "not quiet")
	all[k6][0].others, all[k6][1].others = time.Second/4, time.Second/5
	require.NoError(t, b.write(&s))
	require.Contains(t, s.String(), "**The machine was not quiet**: in one row other work took 20 %")
	require.Len(t, b.outcomes(), 2, "a demand on a scene that was not played is no outcome")
}

func TestProfileFile(t *testing.T) {
	t.Parallel()
	require.Equal(t, "prof/static-maximum-loadpilot-at-80000.prof", profileFile("prof", scene{name: "static-maximum"}, row{label: loadpilotAt80k}))
}
