package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
	"github.com/loadpilot/loadpilot/shared/web"
)

// outputOptions are the files that a run writes for others, each if it is named.
type outputOptions struct {
	resultsJSON, report, junit, csv, hdrLog, ndjson string

	saveBaseline bool
}

func (o *outputOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.resultsJSON, "results-json", "", "write the result to this `FILE`")
	f.StringVarP(&o.report, "report", "r", "", "write a report with charts to this `FILE`, in HTML that opens offline")
	f.StringVar(&o.junit, "junit", "", "write thresholds and trust to this `FILE` as JUnit XML")
	f.StringVar(&o.csv, "csv", "", "write the series to this `FILE`, a line a second")
	f.StringVar(&o.hdrLog, "hdr-log", "", "write the response times to this `FILE` as a log of HdrHistogram")
	f.StringVar(&o.ndjson, "ndjson", "", "write each event of the run to this `FILE` as it comes, a line of JSON each")
	f.BoolVar(&o.saveBaseline, "save-baseline", false, "keep the result in "+baselineFile+" for compare")
}

// output is one file that is written of a result.
type output struct {
	flag, file string
	write      func(w io.Writer, r load.Result, raw []byte) error // raw is the result as it came
}

// outputs lists what is to be written of the result.
func (o *outputOptions) outputs() []output {
	all := []output{
		{"results-json", o.resultsJSON, func(w io.Writer, _ load.Result, raw []byte) error {
			pretty, err := terminal.Indent(raw)
			if err == nil {
				_, err = w.Write(pretty)
			}
			return err
		}},
		{"report", o.report, func(w io.Writer, _ load.Result, raw []byte) error { return web.Report(w, raw) }},
		{"junit", o.junit, func(w io.Writer, r load.Result, _ []byte) error { return writeJUnit(w, r) }},
		{"csv", o.csv, func(w io.Writer, r load.Result, _ []byte) error { return writeCSV(w, r.Series) }},
		{"hdr-log", o.hdrLog, func(w io.Writer, r load.Result, _ []byte) error { return writeHDRLog(w, r) }},
	}
	var named []output
	for _, out := range all {
		if out.file != "" {
			named = append(named, out)
		}
	}
	return named
}

// ofSearch reports whether nothing is asked for but what the outcome of a search for the capacity can be written as.
func (o *outputOptions) ofSearch() bool {
	others := *o
	others.resultsJSON, others.report = "", ""
	return others == outputOptions{}
}

// check reports a file that could not be written to, before there is something to write.
func (o *outputOptions) check() error {
	for _, out := range append(o.outputs(), output{flag: "ndjson", file: o.ndjson}) {
		if out.file == "" {
			continue
		}
		if err := checkResultFile(out.file); err != nil {
			return &flagError{out.flag, err}
		}
	}
	if o.saveBaseline {
		return checkBaseline()
	}
	return nil
}

// writeAll writes what was asked for, all that can be written.
func (o *outputOptions) writeAll(r load.Result, raw []byte) error {
	var failed []error
	for _, out := range o.outputs() {
		var b bytes.Buffer
		err := out.write(&b, r, raw)
		if err == nil {
			err = writeResult(out.file, b.Bytes())
		}
		if err != nil {
			failed = append(failed, &flagError{out.flag, err})
		}
	}
	return errors.Join(failed...)
}

// writeHDRLog writes an interval for each window of the measured part.
func writeHDRLog(w io.Writer, r load.Result) error {
	intervals := make([]histogram.Interval, len(r.Windows))
	for i, window := range r.Windows {
		intervals[i] = histogram.Interval{
			Start: r.StartedAt.Add(seconds(window.Second)), Length: seconds(window.Seconds), HDR: window.HDR,
		}
	}
	return histogram.WriteLog(w, r.StartedAt, intervals)
}

// eventFile takes the events of a run as they come. What cannot be written ends it, and is told at the end.
type eventFile struct {
	file *os.File // nil: none was asked for
	err  error
}

func openEventFile(name string) (eventFile, error) {
	if name == "" {
		return eventFile{}, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return eventFile{}, &flagError{"ndjson", cause(err)}
	}
	return eventFile{file: file}, nil
}

// add writes an event, if there is one, in one go, so that a reader of the growing file sees whole lines.
func (e *eventFile) add(line []byte) {
	if e.file == nil || e.err != nil || len(line) == 0 {
		return
	}
	if _, err := e.file.Write(append(bytes.TrimSpace(line), '\n')); err != nil {
		e.err = &flagError{"ndjson", cause(err)}
	}
}

// result adds a result that did not come as an event.
func (e *eventFile) result(raw json.RawMessage) {
	e.add(append(append([]byte(`{"type":"result","result":`), raw...), '}'))
}

func (e *eventFile) close() {
	if e.file != nil {
		_ = e.file.Close() // nothing is buffered
	}
}
