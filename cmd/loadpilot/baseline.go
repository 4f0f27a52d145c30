package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/loadpilot/loadpilot/shared/load"
)

// baselineFile is the result that others are compared with, unless another is named. It is in the working folder, so that it can be
// kept with the service that it is of.
var baselineFile = filepath.Join(".loadpilot", "baseline.json")

// checkBaseline reports a baseline that could not be written, before there is one.
func checkBaseline() error {
	file := baselineFile
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		file = filepath.Dir(file) // is to be made
	}
	if err := checkResultFile(file); err != nil {
		return &flagError{"save-baseline", err}
	}
	return nil
}

// saveBaseline keeps a result as the baseline, unless it is none to compare with: note says why then.
func saveBaseline(r load.Result, text []byte) (note string, err error) {
	switch {
	case r.Trust.Level == load.TrustUntrusted:
		return "not kept as the baseline: the run is untrusted", nil
	case r.State != load.StateDone || r.Reason != "":
		return "not kept as the baseline: the run did not reach its end", nil
	case !r.Verdict.Passed: // what is as bad would be as good
		return "not kept as the baseline: the run did not pass", nil
	}
	if err := os.MkdirAll(filepath.Dir(baselineFile), 0o755); err != nil { //nolint:gosec // it may be committed and shared
		return "", &flagError{"save-baseline", cause(err)}
	}
	if err := writeResult(baselineFile, text); err != nil {
		return "", &flagError{"save-baseline", err}
	}
	return "", nil
}

// readBaseline reads the result that was kept.
func readBaseline() ([]byte, error) {
	text, err := os.ReadFile(baselineFile)
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("there is no %s: name a baseline, or keep one with loadpilot run --save-baseline", baselineFile)
	}
	return text, err
}
