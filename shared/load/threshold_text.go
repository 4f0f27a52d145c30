package load

import (
	"math"
	"strconv"
	"strings"
)

// ParseThresholdText reads a threshold as one text: "p99_ms=500" or "p99_ms<500", "rps_min>=100", with options after commas or
// spaces, "browse:p99_ms[30s]<500,abort_on_fail,delay=5s"; also as k6 spells those of its own metrics: "p(95)<500",
// "http_req_duration:p(95)<500", "http_req_failed:rate<0.01", "iterations:rate>100". It fails with a *FieldError.
func ParseThresholdText(text string) (Threshold, error) {
	rest, abort, delay := cutOptions(text)
	last := strings.LastIndexAny(rest, "=<>") // the name of a measure may hold these, too
	first := max(0, last)
	if first > 0 && rest[last] == '=' && (rest[last-1] == '<' || rest[last-1] == '>') {
		first--
	}
	key, sign := strings.TrimSpace(rest[:first]), rest[first:last+1]
	limit, err := strconv.ParseFloat(strings.TrimSpace(rest[last+1:]), 64)
	if err != nil || key == "" {
		return Threshold{}, fieldErrorf("thresholds", "%q is not KEY=LIMIT, such as p99_ms=500", text)
	}
	switch sign {
	case "<":
		key, limit = ceilingOfK6(key, limit)
	case ">", ">=":
		if key == "iterations:rate" {
			key = "rps_min"
		}
	}
	t, err := ParseThreshold(key, limit)
	switch {
	case err != nil:
		return Threshold{}, err
	case sign == "<=":
		return Threshold{}, fieldErrorf("thresholds", "%q: limits are strict: use <", text)
	case sign == "<" && t.Floor():
		return Threshold{}, fieldErrorf("thresholds", "%q: %s must not be below its limit: use >=", text, t.Metric)
	case strings.HasPrefix(sign, ">") && !t.Floor():
		return Threshold{}, fieldErrorf("thresholds", "%q: %s must be below its limit: use <", text, t.Metric)
	case abort:
		return t.WithAbort(delay)
	case delay != "":
		return Threshold{}, fieldErrorf("thresholds", "%q: a delay goes with abort_on_fail only", text)
	}
	return t, nil
}

// cutOptions takes the options off the end of a threshold's text.
func cutOptions(text string) (rest string, abort bool, delay string) {
	rest = strings.TrimSpace(text)
	for {
		at := strings.LastIndexAny(rest, ", ")
		option := rest[at+1:]
		value, isDelay := strings.CutPrefix(option, "delay=")
		switch {
		case at < 0 || option != "abort_on_fail" && !isDelay:
			return rest, abort, delay
		case isDelay:
			delay = value
		default:
			abort = true
		}
		rest = strings.TrimRight(rest[:at], ", ")
	}
}

// ceilingOfK6 translates what k6 demands of its own metrics to be below a limit. Its rates are shares of 1.
func ceilingOfK6(key string, limit float64) (string, float64) {
	if statistic, ok := strings.CutPrefix(key, "http_req_duration:"); ok {
		return statistic, limit
	}
	if window, ok := strings.CutPrefix(key, "http_req_failed:rate"); ok {
		return "error_rate" + window, math.Round(limit*100*1e9) / 1e9 // 0.07 · 100 is not 7
	}
	return key, limit
}

// Text returns the threshold as ParseThresholdText reads it.
func (t Threshold) Text() string {
	sign := "<"
	if t.Floor() {
		sign = ">="
	}
	text := t.Key() + sign + strconv.FormatFloat(t.Limit, 'g', -1, 64)
	if t.Abort {
		text += ",abort_on_fail,delay=" + t.Delay.String()
	}
	return text
}
