package load

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVerdictAndExitCode(t *testing.T) {
	t.Parallel()
	good := Result{
		RequestsTotal: 100, RPSActual: 10, DurationSecs: 10, Response: Distribution{Count: 100, P99Ms: 40},
		Tasks: []TaskResult{{Task: "a", Iterations: 50, Requests: 50, Response: Distribution{Count: 50, P99Ms: 90}}},
		Trust: Trust{Level: TrustTrusted},
	}
	below := func(key string, limit float64) []Threshold {
		th, err := ParseThreshold(key, limit)
		if err != nil {
			t.Fatal(err)
		}
		return []Threshold{th}
	}
	tests := map[string]struct {
		edit       func(*Result)
		thresholds []Threshold
		passed     bool
		exit       int
	}{
		"no thresholds":               {passed: true, exit: ExitPassed},
		"held":                        {thresholds: below("p99_ms", 41), passed: true, exit: ExitPassed},
		"breached":                    {thresholds: below("p99_ms", 40), exit: ExitBreached},
		"a task's own limit breached": {thresholds: below("a:p99_ms", 41), exit: ExitBreached},
		"a task's rate, 50 in 10 s":   {thresholds: below("a:rps_min", 5), passed: true, exit: ExitPassed},
		"every request failed":        {edit: func(r *Result) { r.ErrorsTotal = 100 }, exit: ExitBreached},
		"no request": {
			edit:       func(r *Result) { r.RequestsTotal, r.Trust.Level = 0, TrustUntrusted },
			thresholds: below("p99_ms", 41), exit: ExitUntrusted,
		},
		"untrusted beats breached": {
			edit:       func(r *Result) { r.Trust.Level = TrustUntrusted },
			thresholds: below("p99_ms", 1), exit: ExitUntrusted,
		},
		"degraded changes nothing": {edit: func(r *Result) { r.Trust.Level = TrustDegraded }, passed: true, exit: ExitPassed},
		"infrastructure beats untrusted": {edit: func(r *Result) {
			r.Trust.Level, r.Cause, r.Reason = TrustUntrusted, CauseInfra, "no generator"
		}, exit: ExitInfra},
		"no user could start": {edit: func(r *Result) { r.Cause, r.Reason = CauseTarget, "no user could start" }, exit: ExitBreached},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := good
			if tc.edit != nil {
				tc.edit(&r)
			}
			r.Verdict = r.Judge(&Plan{Tasks: []Task{{"a", 1}}, Thresholds: tc.thresholds}, "", nil)
			if r.Verdict.Passed != tc.passed || r.ExitCode() != tc.exit {
				t.Errorf("passed %v, exit %d (%v); want %v, %d", r.Verdict.Passed, r.ExitCode(), r.Verdict.Reasons, tc.passed, tc.exit)
			}
		})
	}
}

// A threshold of a task or measure of which nothing was reported is breached, and the result that says so can be encoded.
func TestNothingWasReported(t *testing.T) {
	t.Parallel()
	plan := Plan{Tasks: []Task{{"task", 1}}}
	var want []ThresholdResult
	demand := func(scope string, metrics []string) {
		for _, metric := range metrics {
			th := Threshold{Scope: scope, Metric: metric} // a floor of 0 is reached by the value alone
			if !th.Floor() {
				th.Limit = 1
			}
			plan.Thresholds = append(plan.Thresholds, th)
			want = append(want, ThresholdResult{Key: th.Key(), Limit: th.Limit})
		}
	}
	demand("", metrics)
	demand("task", metrics)
	for kind, metrics := range measureMetrics {
		plan.Measures = append(plan.Measures, MeasureName{kind, "a " + string(kind)})
		demand("a "+string(kind), metrics)
	}
	for _, th := range plan.Thresholds {
		if err := th.Validate(&plan); err != nil {
			t.Error(err)
		}
	}
	for name, r := range map[string]Result{"nothing": {}, "a task without a request": {Tasks: []TaskResult{{Task: "task"}}}} {
		r.Verdict = r.Judge(&plan, "", nil)
		if d := cmp.Diff(want, r.Verdict.Thresholds); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A figure that a measure does not have passes nothing.
func TestFiguresOfAnotherKind(t *testing.T) {
	t.Parallel()
	m := MeasureResult{Kind: MeasureEvent, Name: "a", Count: 3, Times: Distribution{Count: 3, P99Ms: 5}}
	got := Threshold{Scope: "a", Metric: "service_p99_ms", Limit: 9}.Judge(m)
	if d := cmp.Diff(ThresholdResult{Key: "a:service_p99_ms", Limit: 9}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestTrust(t *testing.T) {
	t.Parallel()
	full := Ledger{Planned: 10_000, Started: 10_000}
	tests := map[string]struct {
		edit func(*Evidence)
		want TrustLevel
	}{
		"clean":                             {func(*Evidence) {}, TrustTrusted},
		"no data":                           {func(e *Evidence) { e.Requests = 0 }, TrustUntrusted},
		"99.9 % started":                    {func(e *Evidence) { e.Ledger.Started = 9990 }, TrustTrusted},
		"99.89 % started":                   {func(e *Evidence) { e.Ledger.Started = 9989 }, TrustDegraded},
		"98.99 % started":                   {func(e *Evidence) { e.Ledger.Started = 9899 }, TrustUntrusted},
		"half cancelled, the rest started":  {func(e *Evidence) { e.Ledger.Started, e.Ledger.Cancelled = 5000, 5000 }, TrustTrusted},
		"repeats do not fill holes":         {func(e *Evidence) { e.Ledger.Started, e.Ledger.Repeated = 9905, 8 }, TrustUntrusted},
		"0.1 % repeated":                    {func(e *Evidence) { e.Ledger.Started, e.Ledger.Repeated = 10_010, 10 }, TrustTrusted},
		"0.11 % repeated":                   {func(e *Evidence) { e.Ledger.Started, e.Ledger.Repeated = 10_011, 11 }, TrustUntrusted},
		"0.1 % unfinished":                  {func(e *Evidence) { e.Ledger.Unfinished = 10 }, TrustTrusted},
		"0.11 % unfinished":                 {func(e *Evidence) { e.Ledger.Unfinished = 11 }, TrustDegraded},
		"1.01 % unfinished":                 {func(e *Evidence) { e.Ledger.Unfinished = 101 }, TrustUntrusted},
		"lag 10 ms":                         {func(e *Evidence) { e.Lag.P99Ms = 10 }, TrustTrusted},
		"lag 11 ms":                         {func(e *Evidence) { e.Lag.P99Ms = 11 }, TrustDegraded},
		"lag 11 ms, service 240 ms":         {func(e *Evidence) { e.Lag.P99Ms, e.Service.P50Ms = 11, 240 }, TrustTrusted},
		"lag 101 ms":                        {func(e *Evidence) { e.Lag.P99Ms = 101 }, TrustUntrusted},
		"lag 101 ms, service 240 ms":        {func(e *Evidence) { e.Lag.P99Ms, e.Service.P50Ms = 101, 240 }, TrustDegraded},
		"a generator's own error":           {func(e *Evidence) { e.GeneratorErrors = 1 }, TrustUntrusted},
		"an event missing":                  {func(e *Evidence) { e.EventGaps = 1 }, TrustUntrusted},
		"more reported than started":        {func(e *Evidence) { e.Ledger.Completed = 10_001 }, TrustUntrusted},
		"CPU 86 %":                          {func(e *Evidence) { e.MaxCPUPercent = 86 }, TrustDegraded},
		"clock 5.1 ms":                      {func(e *Evidence) { e.ClockErrorMs = 5.1 }, TrustDegraded},
		"degraded does not hide untrusted":  {func(e *Evidence) { e.EventGaps, e.MaxCPUPercent = 1, 99 }, TrustUntrusted},
		"untrusted stands whatever follows": {func(e *Evidence) { e.Requests, e.Lag.P99Ms = 0, 11 }, TrustUntrusted},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := Evidence{Ledger: full, Requests: 10_000}
			tc.edit(&e)
			got := JudgeTrust(e)
			if got.Level != tc.want || (len(got.Reasons) == 0) != (tc.want == TrustTrusted) {
				t.Errorf("got %+v, want %s with reasons", got, tc.want)
			}
		})
	}
}

func TestTrustSaysWhy(t *testing.T) {
	t.Parallel()
	lost := func(n int) (out []Incident) {
		for i := range n {
			out = append(out, Incident{Kind: IncidentLost, Generator: "g" + strconv.Itoa(i+1), Second: 10 * (i + 1)})
		}
		return out
	}
	holes := Ledger{Planned: 1000, Started: 890, Dropped: 60, Lost: 20, NeverIssued: 30}
	thinner := Ledger{Planned: 10_000, Started: 9985, Lost: 15}
	cut := Ledger{Planned: 1000, Started: 1000, Unfinished: 20}
	both := Ledger{Planned: 1000, Started: 890, Lost: 110, Unfinished: 20}
	for name, tc := range map[string]struct {
		ledger   Ledger
		requests int64
		lost     int
		want     []string
	}{
		"holes of each kind": {holes, 1, 0, []string{
			"only 890 of 1000 iterations were started (89.00 %, below 99 %): 60 dropped, 20 lost, 30 never issued",
		}},
		"a generator lost": {thinner, 1, 1, []string{
			"9985 of 10000 iterations were started (99.85 %, below 99.9 %): 15 lost; generator g1 was lost in second 10",
		}},
		"a generator lost, and nothing with it": {Ledger{Planned: 10, Started: 10}, 1, 1, []string{}},
		"cut off": {cut, 1, 1, []string{
			"20 of 1000 iterations had not ended when they were cut off: their times are missing; generator g1 was lost in second 10",
		}},
		"named once": {both, 1, 1, []string{
			"only 890 of 1000 iterations were started (89.00 %, below 99 %): 110 lost; generator g1 was lost in second 10",
			"20 of 890 iterations had not ended when they were cut off: their times are missing",
		}},
		"many lost": {cut, 1, 5, []string{
			"20 of 1000 iterations had not ended when they were cut off: their times are missing; generator g1 was lost in second 10; " +
				"generator g2 was lost in second 20; generator g3 was lost in second 30; 2 more were lost",
		}},
		"nothing measured": {Ledger{Planned: 10, Lost: 10}, 0, 1, []string{
			"no data: not one request was measured; generator g1 was lost in second 10",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := JudgeTrust(Evidence{Ledger: tc.ledger, Requests: tc.requests, Lost: lost(tc.lost)})
			if d := cmp.Diff(tc.want, got.Reasons); d != "" {
				t.Errorf("reasons (-want +got):\n%s", d)
			}
		})
	}
}
