package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"
)

// report is what a generator says of itself. Times are milliseconds, NaN if it says nothing of them.
type report struct {
	seconds  float64 // that the load lasted
	started  int64   // iterations
	failed   int64   // requests that nobody meant to fail
	passed   int64   // checks of answers
	refused  int64   // answers that a check did not let pass
	p50, p99 float64 // of the time of a request
	lag50    float64 // how late iterations started
	lag99    float64
}

// blank is a report that says nothing.
func blank() report {
	nan := math.NaN()
	return report{p50: nan, p99: nan, lag50: nan, lag99: nan}
}

// parseLoadpilot reads the result that `loadpilot run --json` prints.
func parseLoadpilot(out []byte) (report, error) {
	type times struct {
		P50 float64 `json:"p50_ms"`
		P99 float64 `json:"p99_ms"`
	}
	var result struct {
		Seconds  float64 `json:"duration_secs"`
		Failed   int64   `json:"errors_total"`
		Response times   `json:"response"`
		Lag      times   `json:"lag"`
		Ledger   struct {
			Started int64 `json:"started"`
		} `json:"ledger"`
		Tasks []struct {
			Checks map[string]struct {
				Passed int64 `json:"passed"`
				Failed int64 `json:"failed"`
			} `json:"checks"`
		} `json:"tasks"`
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return report{}, fmt.Errorf("read the result of loadpilot: %w", err)
	}
	r := report{
		seconds: result.Seconds, started: result.Ledger.Started, failed: result.Failed,
		p50: result.Response.P50, p99: result.Response.P99, lag50: result.Lag.P50, lag99: result.Lag.P99,
	}
	for _, task := range result.Tasks {
		for _, check := range task.Checks {
			r.passed += check.Passed
			r.refused += check.Failed
		}
	}
	r.failed -= r.refused
	return r, nil
}

// parseClosed reads the result that `loadpilot api run --json` prints.
func parseClosed(out []byte) (report, error) {
	var result struct {
		Seconds float64 `json:"duration_secs"`
		Metrics struct {
			Total  int64   `json:"requests_total"`
			Failed int64   `json:"requests_failed"`
			P50    float64 `json:"latency_ms_p50"`
			P99    float64 `json:"latency_ms_p99"`
		} `json:"metrics"`
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return report{}, fmt.Errorf("read the result of loadpilot api run: %w", err)
	}
	r := blank()
	r.seconds, r.started, r.failed = result.Seconds, result.Metrics.Total, result.Metrics.Failed
	r.p50, r.p99 = result.Metrics.P50, result.Metrics.P99
	return r, nil
}

// parseK6 reads what the handleSummary of scripts/k6.js prints.
func parseK6(out []byte) (report, error) {
	var summary struct {
		Seconds float64 `json:"seconds"`
		Metrics map[string]struct {
			Values map[string]float64 `json:"values"`
		} `json:"metrics"`
	}
	if err := json.Unmarshal(out, &summary); err != nil {
		return report{}, fmt.Errorf("read the summary of k6: %w", err)
	}
	value := func(metric, name string) float64 { return summary.Metrics[metric].Values[name] }
	r := blank()
	r.seconds = summary.Seconds
	r.started = int64(value("iterations", "count"))
	r.failed = int64(value("http_req_failed", "passes")) // what passes there is that a request has failed
	r.passed, r.refused = int64(value("checks", "passes")), int64(value("checks", "fails"))
	r.p50, r.p99 = value("http_req_duration", "p(50)"), value("http_req_duration", "p(99)")
	return r, nil
}

// parseFortio reads what `fortio load -json -` prints.
func parseFortio(out []byte) (report, error) {
	var result struct {
		Nanos int64            `json:"ActualDuration"`
		Codes map[string]int64 `json:"RetCodes"`
		Times struct {
			Count       int64 `json:"Count"`
			Percentiles []struct {
				Percentile float64 `json:"Percentile"`
				Value      float64 `json:"Value"` // seconds
			} `json:"Percentiles"`
		} `json:"DurationHistogram"`
	}
	if err := json.Unmarshal(out, &result); err != nil {
		return report{}, fmt.Errorf("read the result of fortio: %w", err)
	}
	r := blank()
	r.seconds = time.Duration(result.Nanos).Seconds()
	r.started = result.Times.Count
	r.failed = result.Times.Count - result.Codes["200"]
	for _, p := range result.Times.Percentiles {
		switch p.Percentile {
		case 50:
			r.p50 = p.Value * 1000
		case 99:
			r.p99 = p.Value * 1000
		}
	}
	return r, nil
}

var (
	wrkTotal  = regexp.MustCompile(`(\d+) requests in ([0-9.]+[a-z]+),`)
	wrkTimes  = regexp.MustCompile(`(?m)^ +(50|99)% +([0-9.]+[a-z]+)$`)
	wrkStatus = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
	wrkSocket = regexp.MustCompile(`Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)`)
)

// parseWrk reads what `wrk --latency` prints.
func parseWrk(out []byte) (report, error) {
	text := string(out)
	total := wrkTotal.FindStringSubmatch(text)
	if total == nil {
		return report{}, fmt.Errorf("no total in what wrk said: %q", tail(out))
	}
	r := blank()
	started, err := strconv.ParseInt(total[1], 10, 64)
	lasted, err2 := time.ParseDuration(total[2])
	if err := errors.Join(err, err2); err != nil {
		return report{}, fmt.Errorf("read the total of wrk: %w", err)
	}
	r.started, r.seconds = started, lasted.Seconds()
	for _, line := range wrkTimes.FindAllStringSubmatch(text, -1) {
		d, err := time.ParseDuration(line[2])
		if err != nil {
			return report{}, fmt.Errorf("read the times of wrk: %w", err)
		}
		if line[1] == "50" {
			r.p50 = milliseconds(d)
		} else {
			r.p99 = milliseconds(d)
		}
	}
	for _, counts := range [][]string{wrkStatus.FindStringSubmatch(text), wrkSocket.FindStringSubmatch(text)} {
		for i := 1; i < len(counts); i++ {
			n, err := strconv.ParseInt(counts[i], 10, 64)
			if err != nil {
				return report{}, fmt.Errorf("read the errors of wrk: %w", err)
			}
			r.failed += n
		}
	}
	return r, nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
