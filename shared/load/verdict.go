package load

// Verdict says whether the service held what the plan demands.
type Verdict struct {
	Passed     bool              `json:"passed"`
	Thresholds []ThresholdResult `json:"thresholds"`
	Reasons    []string          `json:"reasons"` // why it did not pass, beside breached thresholds
}

// The exit codes of the command line. When several apply, the order is
// ExitInterrupted > ExitConfig > ExitInfra > ExitUntrusted > ExitBreached.
const (
	ExitPassed      = 0
	ExitBreached    = 1
	ExitConfig      = 2
	ExitUntrusted   = 3
	ExitInfra       = 4
	ExitInterrupted = 130
)

// WindowValue returns the value of the worst window of a threshold that has them, and the number of samples behind it.
type WindowValue func(t Threshold) (value float64, samples int64)

// Judge decides the verdict of a result of a plan, whose measurements are filled in. A run without one successful request
// fails, whatever its thresholds, and so does one that a threshold with the key breach has ended.
func (r *Result) Judge(p *Plan, breach string, windows WindowValue) Verdict {
	v := Verdict{Passed: true, Thresholds: []ThresholdResult{}, Reasons: []string{}}
	fail := func(reason string) {
		v.Passed = false
		v.Reasons = append(v.Reasons, reason)
	}
	if r.Reason != "" && r.Cause != CauseNone {
		fail(r.Reason)
	}
	switch {
	case r.RequestsTotal == 0:
		fail("no request was made")
	case r.ErrorsTotal >= r.RequestsTotal:
		fail("not one request succeeded")
	}
	for _, t := range p.Thresholds {
		tr := r.JudgeOne(p, t, windows)
		if breach != "" && tr.Key == breach {
			tr.Passed, tr.Aborted = false, true
		}
		v.Passed = v.Passed && tr.Passed
		v.Thresholds = append(v.Thresholds, tr)
	}
	return v
}

// JudgeOne judges a threshold of a plan by what the result has so far.
func (r *Result) JudgeOne(p *Plan, t Threshold, windows WindowValue) ThresholdResult {
	if t.Window > 0 {
		value, samples := windows(t)
		return t.judge(value, samples)
	}
	return t.Judge(r.measured(p, t.Scope))
}

// measured returns the numbers of the run, of a task or of a measure. A measure of the plan that was never reported has no
// samples.
func (r *Result) measured(p *Plan, scope string) Measured {
	if scope == "" {
		return Totals{
			Response: r.Response, Service: r.Service, ErrorRatePct: r.ErrorRatePct, RPS: r.RPSActual, Requests: r.RequestsTotal,
		}
	}
	for _, name := range p.named(scope) {
		for _, m := range r.Measures {
			if (MeasureName{m.Kind, m.Name}) == name {
				return m
			}
		}
		for _, t := range r.Tasks {
			if (MeasureName{Name: t.Task}) == name {
				return t.totals(r.DurationSecs)
			}
		}
		if name.Kind != "" {
			return MeasureResult{Kind: name.Kind, Name: name.Name}
		}
	}
	return Totals{}
}

// totals returns the numbers of the task in a run of some seconds.
func (t TaskResult) totals(secs float64) Totals {
	m := Totals{Response: t.Response, Service: t.Service, ErrorRatePct: t.ErrorRatePct, Requests: t.Requests}
	if secs > 0 {
		m.RPS = float64(t.Iterations) / secs
	}
	return m
}

// ExitCode returns the exit code that the result stands for.
func (r *Result) ExitCode() int {
	switch {
	case r.Cause == CauseInfra:
		return ExitInfra
	case r.Trust.Level == TrustUntrusted:
		return ExitUntrusted
	case !r.Verdict.Passed:
		return ExitBreached
	default:
		return ExitPassed
	}
}
