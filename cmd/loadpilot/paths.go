package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// checkResultFile reports a file that a result could not be written to, before there is one.
func checkResultFile(file string) error {
	info, err := os.Stat(file)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder", file)
	case writtenInPlace(file):
		return nil
	}
	file = followLinks(file)
	probe, err := os.CreateTemp(filepath.Dir(file), ".loadpilot-*")
	switch {
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("there is no folder %s", filepath.Dir(file))
	case err != nil:
		return fmt.Errorf("cannot write to folder %s: %w", filepath.Dir(file), cause(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// writeResult writes a result: into a temporary file first, so that no reader sees half of it, unless the file is none that
// can be replaced.
func writeResult(file string, result []byte) error {
	if err := putResult(file, result); err != nil {
		return fmt.Errorf("write the result to %s: %w", file, cause(err))
	}
	return nil
}

func putResult(file string, result []byte) (err error) {
	if writtenInPlace(file) {
		out, err := os.OpenFile(file, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		_, err = out.Write(result)
		return errors.Join(err, out.Close())
	}
	file = followLinks(file)
	temporary, err := os.CreateTemp(filepath.Dir(file), ".loadpilot-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name())
		}
	}()
	_, err = temporary.Write(result)
	if err := errors.Join(err, temporary.Close()); err != nil {
		return err
	}
	return os.Rename(temporary.Name(), file)
}

// writtenInPlace reports a pipe or a device, or one of /dev that may lead to a file which is open already.
func writtenInPlace(file string) bool {
	info, err := os.Stat(file)
	return err == nil && (!info.Mode().IsRegular() || strings.HasPrefix(file, "/dev/"))
}

// maxLinks is how long a chain of symbolic links may be.
const maxLinks = 40

// followLinks returns what a symbolic link leads to, whether it is there or not.
func followLinks(file string) string {
	for range maxLinks {
		next, err := os.Readlink(file)
		if err != nil {
			break
		}
		if !filepath.IsAbs(next) {
			next = filepath.Join(filepath.Dir(file), next)
		}
		file = next
	}
	return file
}

// cause takes the name of a temporary file off an error.
func cause(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
