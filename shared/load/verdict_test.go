package load

import "testing"

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
			r.Verdict = r.Judge(tc.thresholds)
			if r.Verdict.Passed != tc.passed || r.ExitCode() != tc.exit {
				t.Errorf("passed %v, exit %d (%v); want %v, %d", r.Verdict.Passed, r.ExitCode(), r.Verdict.Reasons, tc.passed, tc.exit)
			}
		})
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
