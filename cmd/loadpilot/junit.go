package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// The document that CI servers read as the outcome of tests; docs/junit.xsd is its schema. A run is a suite; its cases are that
// requests were made, each threshold, and whether the measurement can be trusted.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		junitCounts
		Suites []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		junitCounts
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitCounts struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Time     string `xml:"time,attr"` // seconds
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitProblem `xml:"failure"`
		Error   *junitProblem `xml:"error"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitProblem struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
	}
)

func writeJUnit(w io.Writer, r load.Result) error {
	secs := strconv.FormatFloat(r.DurationSecs, 'f', 3, 64)
	suite := junitSuite{
		junitCounts: junitCounts{Name: r.Scenario, Time: secs}, Timestamp: r.StartedAt.UTC().Format(time.RFC3339),
		Properties: []junitProperty{
			{"run_id", r.RunID},
			{"target_url", r.TargetURL},
			{"seed", strconv.FormatUint(r.Seed, 10)},
			{"rps_target", exact(r.RPSTarget)},
			{"rps_actual", exact(r.RPSActual)},
			{"error_rate_pct", exact(r.ErrorRatePct)},
			{"p50_ms", exact(r.P50Ms)},
			{"p95_ms", exact(r.P95Ms)},
			{"p99_ms", exact(r.P99Ms)},
		},
		Cases: append(append([]junitCase{requestsCase(r)}, thresholdCases(r)...), trustCase(r)),
	}
	for i := range suite.Cases {
		c := &suite.Cases[i]
		c.Class, c.Time = r.Scenario, secs
		suite.Tests++
		if c.Failure != nil {
			suite.Failures++
		}
		if c.Error != nil {
			suite.Errors++
		}
	}
	text, err := xml.MarshalIndent(junitSuites{junitCounts: suite.junitCounts, Suites: []junitSuite{suite}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}

// requestsCase fails for what no threshold says: not one request succeeded, for instance.
func requestsCase(r load.Result) junitCase {
	c := junitCase{Name: "requests", Out: fmt.Sprintf("%d requests, %d failed", r.RequestsTotal, r.ErrorsTotal)}
	if len(r.Verdict.Reasons) > 0 {
		c.Failure = &junitProblem{Message: strings.Join(r.Verdict.Reasons, "; "), Type: "verdict"}
	}
	return c
}

func thresholdCases(r load.Result) []junitCase {
	cases := make([]junitCase, len(r.Verdict.Thresholds))
	for i, t := range r.Verdict.Thresholds {
		text := thresholdText(r, t)
		cases[i] = junitCase{Name: t.Key, Out: text}
		if !t.Passed {
			cases[i].Failure = &junitProblem{Message: text, Type: "threshold"}
		}
	}
	return cases
}

// trustCase is an error, not a failure, if the measurement cannot be trusted: it says nothing about the service.
func trustCase(r load.Result) junitCase {
	c := junitCase{Name: "trust", Out: strings.Join(append([]string{string(r.Trust.Level)}, r.Trust.Reasons...), "\n")}
	if r.Trust.Level == load.TrustUntrusted {
		c.Error = &junitProblem{Message: strings.Join(r.Trust.Reasons, "; "), Type: "trust"}
	}
	return c
}
