// Package tree holds documents of JSON and YAML with their members in order, and follows the references in them. All files that a
// document refers to are read when it is opened; a reference that leads nowhere is an error only where it is followed.
package tree

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Bounds of all files of a document together.
const (
	maxBytes = 16 << 20
	maxFiles = 500
	maxTime  = 10 * time.Second
)

// file is one file of a document.
type file struct {
	set  *set
	base string // what references in it are relative to: a URL or a path
	root any
}

// set is the files of a document, by what was asked for.
type set struct {
	client *http.Client
	origin string // of all that is asked for over HTTP after the first file
	left   int64  // bytes that may still be read
	files  map[string]*file
	broken map[string]error
}

// Open reads the document at a URL or path. References from a URL lead to the same origin only, those from a path to paths only. The
// error matches load.ErrUnavailable if the server did not answer.
func Open(ctx context.Context, client *http.Client, location string) (Node, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	s := &set{client: client, left: maxBytes, files: map[string]*file{}, broken: map[string]error{}}
	root, err := s.open(ctx, location)
	if err != nil {
		return Node{}, err
	}
	s.files[location] = root
	s.openAll(ctx, root)
	return Node{value: root.root, file: root}.follow(), nil
}

// openAll opens what a file refers to, what that refers to, and so on.
func (s *set) openAll(ctx context.Context, root *file) {
	for pending := []*file{root}; len(pending) > 0; {
		from := pending[0]
		pending = pending[1:]
		references(from.root, func(ref string) {
			location, _, _ := strings.Cut(ref, "#")
			where, err := from.locate(location)
			if location == "" || err != nil || s.files[where] != nil || s.broken[where] != nil {
				return
			}
			opened, err := s.open(ctx, where)
			if err != nil {
				s.broken[where] = err
				return
			}
			s.files[where] = opened
			pending = append(pending, opened)
		})
	}
}

// open returns the file that a reference in this one leads to.
func (f *file) open(location string) (*file, error) {
	where, err := f.locate(location)
	if err != nil {
		return nil, err
	}
	if opened := f.set.files[where]; opened != nil {
		return opened, nil
	}
	return nil, f.set.broken[where]
}

func (s *set) open(ctx context.Context, location string) (*file, error) {
	if len(s.files) == maxFiles {
		return nil, fmt.Errorf("there are more than %d files", maxFiles)
	}
	read := s.readFile
	if isURL(location) {
		read = s.fetch
	}
	text, base, err := read(ctx, location)
	if err != nil {
		return nil, err
	}
	root, err := decode(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", redacted(location), err)
	}
	return &file{set: s, base: base, root: root}, nil
}

func (s *set) readFile(_ context.Context, path string) (text []byte, base string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close() //nolint:errcheck // it is only read
	text, err = s.readAll(f)
	return text, path, err
}

func (s *set) fetch(ctx context.Context, location string) (text []byte, base string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, location, http.NoBody)
	if err != nil {
		return nil, "", err
	}
	request.Header.Set("Accept", "application/json, application/yaml;q=0.9, */*;q=0.8")
	request.Close = true // nothing else is asked for
	client := *s.client
	client.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		switch {
		case s.origin != "" && origin(next.URL) != s.origin:
			return fmt.Errorf("it leads to another origin, %s", origin(next.URL))
		case len(via) >= 10:
			return errors.New("more than 10 redirects")
		default:
			return nil
		}
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, "", fmt.Errorf("%w: %w", load.ErrUnavailable, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, "", fmt.Errorf("%s answered %s", redacted(location), response.Status)
	}
	text, err = s.readAll(response.Body)
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", redacted(location), err)
	}
	if s.origin == "" {
		s.origin = origin(response.Request.URL)
	}
	return text, response.Request.URL.String(), nil
}

func (s *set) readAll(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, s.left+1))
	s.left -= int64(len(text))
	if err == nil && s.left < 0 {
		err = fmt.Errorf("the document is larger than %d MiB", maxBytes>>20)
	}
	return text, err
}

// locate returns where a reference in this file leads to, without its fragment.
func (f *file) locate(ref string) (string, error) {
	if !isURL(f.base) {
		if strings.Contains(ref, "://") {
			return "", errors.New("a file refers to files only")
		}
		path, err := url.PathUnescape(ref)
		return filepath.Join(filepath.Dir(f.base), filepath.FromSlash(path)), err
	}
	base, err := url.Parse(f.base)
	if err != nil {
		return "", err
	}
	target, err := base.Parse(ref)
	if err != nil {
		return "", err
	}
	if origin(target) != origin(base) {
		return "", fmt.Errorf("it leads to another origin, %s", origin(target))
	}
	target.User = base.User
	return target.String(), nil
}

// references tells all references below a value.
func references(value any, found func(ref string)) {
	switch value := value.(type) {
	case *object:
		for _, m := range value.members {
			if ref, ok := m.value.(string); ok && m.name == "$ref" {
				found(ref)
			}
			references(m.value, found)
		}
	case []any:
		for _, element := range value {
			references(element, found)
		}
	default:
	}
}

func isURL(location string) bool {
	return strings.HasPrefix(location, "http://") || strings.HasPrefix(location, "https://")
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// redacted returns the location without a password.
func redacted(location string) string {
	if u, err := url.Parse(location); err == nil && isURL(location) {
		return u.Redacted()
	}
	return location
}
