package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// stateDir returns where LoadPilot keeps what it must remember: $XDG_STATE_HOME/loadpilot.
func stateDir() (string, error) {
	base := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(base) { // as the XDG base directory specification asks
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find the state folder: %w", err)
		}
		base = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(base, "loadpilot"), nil
}

// keepResult writes a result into the state folder and returns the file's name.
func keepResult(runID string, result []byte) (string, error) {
	dir, err := stateDir()
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "results", runID+".json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return "", fmt.Errorf("keep the result: %w", err)
	}
	return file, writeResult(file, result)
}

// writeResult writes a result under a temporary name first, so that no reader sees half of it.
func writeResult(file string, result []byte) error {
	temporary := file + ".part"
	if err := os.WriteFile(temporary, result, 0o600); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	if err := os.Rename(temporary, file); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// indent makes JSON readable.
func indent(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	if err := json.Indent(&b, raw, "", "  "); err != nil {
		return nil, fmt.Errorf("result is not JSON: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}
