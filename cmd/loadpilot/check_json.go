package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// What check --json prints.
type (
	inspectionJSON struct {
		File      string         `json:"file"`
		Errors    int            `json:"errors"`
		Warnings  int            `json:"warnings"`
		Scenarios []scenarioJSON `json:"scenarios"`
		DataFiles []dataJSON     `json:"data_files"`
		Findings  []findingJSON  `json:"findings"`
	}
	scenarioJSON struct {
		Name         string             `json:"name"`
		Mode         string             `json:"mode"`
		RPS          float64            `json:"rps"`
		DurationSecs float64            `json:"duration_secs"`
		RampUpSecs   float64            `json:"ramp_up_secs"`
		Steps        int                `json:"steps"`
		Iterations   int64              `json:"iterations"`
		OnStart      bool               `json:"on_start"`
		OnStop       bool               `json:"on_stop"`
		Tasks        []taskJSON         `json:"tasks"`
		Thresholds   map[string]float64 `json:"thresholds"`
		Measures     []measureJSON      `json:"measures"`
	}
	taskJSON struct {
		Name     string      `json:"name"`
		Weight   int         `json:"weight"`
		SharePct float64     `json:"share_pct"`
		Static   bool        `json:"static"`
		Reads    []string    `json:"reads,omitempty"`
		Reason   *reasonJSON `json:"reason,omitempty"`
		Check    *checkJSON  `json:"check,omitempty"`
	}
	reasonJSON struct {
		Line int    `json:"line"`
		Text string `json:"text"`
	}
	checkJSON struct {
		Name      string `json:"name"`
		ReadsBody bool   `json:"reads_body"`
	}
	dataJSON struct {
		Name    string   `json:"name"`
		Rows    int      `json:"rows"`
		Columns []string `json:"columns"`
	}
	measureJSON struct {
		Kind string `json:"kind"`
		Name string `json:"name"`
	}
	findingJSON struct {
		Severity  string `json:"severity"`
		Line      int    `json:"line"`
		Column    int    `json:"column"`
		EndColumn int    `json:"end_column"`
		Source    string `json:"source"`
		Message   string `json:"message"`
		Hint      string `json:"hint,omitempty"`
		Traceback string `json:"traceback,omitempty"`
	}
)

// writeInspectionJSON writes what is known of a file, for programs.
func writeInspectionJSON(out io.Writer, found *scenario.Inspection) error {
	doc := inspectionJSON{File: found.File, Scenarios: []scenarioJSON{}, DataFiles: []dataJSON{}, Findings: []findingJSON{}}
	for _, f := range found.Findings {
		severity := "warning"
		if f.Error {
			severity = "error"
			doc.Errors++
		} else {
			doc.Warnings++
		}
		doc.Findings = append(doc.Findings, findingJSON{
			Severity: severity, Line: f.Line, Column: f.Col, EndColumn: f.EndCol, Source: f.Text, Message: f.Message, Hint: f.Hint, Traceback: f.Trace,
		})
	}
	for _, d := range found.Data {
		doc.DataFiles = append(doc.DataFiles, dataJSON(d))
	}
	for _, s := range found.Scenarios {
		doc.Scenarios = append(doc.Scenarios, scenarioToJSON(s))
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(doc); err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}

func scenarioToJSON(s scenario.Summary) scenarioJSON {
	shape := s.Plan.Shape
	out := scenarioJSON{
		Name: s.Plan.Scenario, Mode: string(shape.Mode), RPS: shape.RPS, DurationSecs: shape.Duration.Seconds(),
		RampUpSecs: shape.RampUp.Seconds(), Steps: shape.Steps, Iterations: s.Iterations, OnStart: s.Start, OnStop: s.Stop,
		Thresholds: map[string]float64{}, Measures: []measureJSON{},
	}
	for _, t := range s.Tasks {
		task := taskJSON{Name: t.Name, Weight: t.Weight, SharePct: t.Share, Static: t.Static, Reads: t.Reads}
		if !t.Static {
			task.Reason = &reasonJSON{Line: t.Reason.Line, Text: t.Reason.Text}
		}
		if t.Check {
			task.Check = &checkJSON{Name: "check_" + t.Name, ReadsBody: t.ReadsBody}
		}
		out.Tasks = append(out.Tasks, task)
	}
	for _, t := range s.Plan.Thresholds {
		out.Thresholds[t.Key()] = t.Limit
	}
	for _, m := range s.Plan.Measures {
		out.Measures = append(out.Measures, measureJSON{Kind: string(m.Kind), Name: m.Name})
	}
	return out
}
