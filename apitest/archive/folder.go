package archive

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// What of a folder is removed with the next result: files that are older, or more.
const (
	maxAge   = 30 * 24 * time.Hour
	maxFiles = 1000
)

// folder holds a file for each result. Their names are uuids of version 7, which are in the order of time.
type folder string

func (f folder) file(id string) string { return filepath.Join(string(f), id+".json") }

// put writes a result, so that no reader sees half of it, and removes what is too old.
func (f folder) put(id string, text []byte) (file string, err error) {
	defer func() {
		if err != nil {
			file, err = "", fmt.Errorf("not kept in %s (%w)", f, cause(err))
		}
	}()
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(string(f), ".loadpilot-*")
	if err != nil {
		return "", err
	}
	_, err = temporary.Write(text)
	if err = errors.Join(err, temporary.Close()); err == nil {
		err = os.Rename(temporary.Name(), f.file(id))
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
		return "", err
	}
	f.prune(time.Now())
	return f.file(id), nil
}

// prune removes results that are too old, or too many. What cannot be removed is tried again with the next result.
func (f folder) prune(now time.Time) {
	ids, _ := f.ids()
	for i, id := range ids {
		secs, nanos := uuid.MustParse(id).Time().UnixTime()
		if i >= maxFiles || now.Sub(time.Unix(secs, nanos)) > maxAge {
			_ = os.Remove(f.file(id))
		}
	}
}

// ids returns the ids of all results, the newest first. Other files are none of ours.
func (f folder) ids() ([]string, error) {
	entries, err := os.ReadDir(string(f))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read %s (%w)", f, cause(err))
	}
	var ids []string
	for _, entry := range slices.Backward(entries) { // they are sorted by name
		id, ok := strings.CutSuffix(entry.Name(), ".json")
		if u, err := uuid.Parse(id); ok && err == nil && u.Version() == 7 && u.String() == id {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// heads calls a function with the head of each result, the newest first, until that returns false.
func (f folder) heads(call func(*run.Result) bool) error {
	ids, err := f.ids()
	if err != nil {
		return err
	}
	for _, id := range ids {
		r, err := f.head(id)
		if err != nil {
			return fmt.Errorf("cannot read %s (%w)", f.file(id), cause(err))
		}
		if r != nil && !call(r) {
			break
		}
	}
	return nil
}

// head returns the head of a result. It is nil if that is not there, for another process has pruned it, or cannot be decoded: one
// that a later version wrote in another way hides none of the others.
func (f folder) head(id string) (*run.Result, error) {
	file, err := os.Open(f.file(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	r, err := decodeHead(file)
	if _, unreadable := errors.AsType[*fs.PathError](err); unreadable {
		return nil, err
	}
	if err != nil || r.TestID != id {
		return nil, nil
	}
	return r, nil
}

// whole returns a result, nil if it is not there or cannot be decoded.
func (f folder) whole(id string) *run.Result {
	text, err := f.get(id)
	if err != nil {
		return nil
	}
	r, _ := decode(text)
	return r
}

func (f folder) get(id string) ([]byte, error) { return os.ReadFile(f.file(id)) }

// cause takes the names of files off an error.
func cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	if link, ok := errors.AsType[*os.LinkError](err); ok {
		return link.Err
	}
	return err
}
