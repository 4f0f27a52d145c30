package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/pprof"
)

// profiled calls run with a CPU profile of this process, in the format of `go tool pprof`, written to a file; with none if path is
// empty.
func profiled(path string, run func() error) (err error) {
	if path == "" {
		return run()
	}
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("--cpu-profile: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := pprof.StartCPUProfile(file); err != nil {
		return fmt.Errorf("--cpu-profile: %w", err)
	}
	defer pprof.StopCPUProfile()
	return run()
}
