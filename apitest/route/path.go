package route

import (
	"regexp"
	"strings"
)

// Placeholders returns the names in {braces}, in order; {name...} and {name:regexp} count as name. {$}, with which patterns of
// http.ServeMux end, is none.
func Placeholders(path string) []string {
	names := []string{}
	for _, p := range parse(path) {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// Plain returns the path with its placeholders as {name} only, and without {$}.
func Plain(path string) string {
	var b strings.Builder
	for _, p := range parse(path) {
		b.WriteString(p.literal)
		if p.name != "" {
			b.WriteString("{" + p.name + "}")
		}
	}
	return b.String()
}

// Find returns the route of a template or of a concrete path, which may have a query. Of several that match, that with the fewest
// placeholders is meant: /users/me rather than /users/{id}.
func (s Set) Find(method, path string) (Route, bool) {
	path, _, _ = strings.Cut(path, "?")
	var found Route
	ok := false
	for _, r := range s.Routes {
		switch {
		case !strings.EqualFold(r.Method, method):
		case r.Path == path:
			return r, true
		case (!ok || len(r.Params) < len(found.Params)) && matches(r.Path, path):
			found, ok = r, true
		}
	}
	return found, ok
}

// matches reports whether the template can become the path. A placeholder stands for a part of one segment.
func matches(template, path string) bool {
	var pattern strings.Builder
	for _, p := range parse(template) {
		pattern.WriteString(regexp.QuoteMeta(p.literal))
		if p.name != "" {
			pattern.WriteString("[^/]+")
		}
	}
	return regexp.MustCompile("^" + pattern.String() + "$").MatchString(path)
}

// part is a piece of a path: a text, and the placeholder behind it.
type part struct {
	literal string
	name    string // "": none
}

// parse cuts a path at its placeholders. Braces in a regular expression, as in {id:[0-9]{3}}, belong to it; a brace that is not closed is
// text.
func parse(path string) []part {
	var parts []part
	for {
		begin := strings.IndexByte(path, '{')
		end := closing(path, begin)
		if end < 0 {
			return append(parts, part{literal: path})
		}
		name, _, _ := strings.Cut(path[begin+1:end], ":")
		if name == "$" {
			name = ""
		}
		parts = append(parts, part{literal: path[:begin], name: strings.TrimSuffix(name, "...")})
		path = path[end+1:]
	}
}

// closing returns the index of the brace that closes the one at begin; -1 if there is none.
func closing(path string, begin int) int {
	if begin < 0 {
		return -1
	}
	depth := 0
	for i := begin; i < len(path); i++ {
		switch path[i] {
		case '{':
			depth++
		case '}':
			depth--
			if depth == 0 {
				return i
			}
		}
	}
	return -1
}
