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

// Judge decides the verdict of a result whose measurements are filled in. A run without one successful request fails,
// whatever its thresholds.
func (r *Result) Judge(thresholds []Threshold) Verdict {
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
	for _, t := range thresholds {
		tr := t.Judge(r.measured(t.Task))
		v.Passed = v.Passed && tr.Passed
		v.Thresholds = append(v.Thresholds, tr)
	}
	return v
}

// measured returns the numbers of one task, or of all.
func (r *Result) measured(task string) Measured {
	if task == "" {
		return Measured{
			Response: r.Response, Service: r.Service, ErrorRatePct: r.ErrorRatePct, RPS: r.RPSActual, Requests: r.RequestsTotal,
		}
	}
	for _, t := range r.Tasks {
		if t.Task == task {
			m := Measured{Response: t.Response, Service: t.Service, ErrorRatePct: t.ErrorRatePct, Requests: t.Requests}
			if r.DurationSecs > 0 {
				m.RPS = float64(t.Iterations) / r.DurationSecs
			}
			return m
		}
	}
	return Measured{}
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
