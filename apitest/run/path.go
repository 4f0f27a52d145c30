package run

import "strings"

// Segment is a piece of a path: a text, or the name of a placeholder.
type Segment struct{ Text, Name string }

// Segments takes a path apart at its {placeholders}. Braces that do not match, or hold nothing, are text.
func Segments(path string) []Segment {
	var segments []Segment
	for path != "" {
		before, rest, opened := strings.Cut(path, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !opened || !closed || name == "" {
			return append(segments, Segment{Text: path})
		}
		if before != "" {
			segments = append(segments, Segment{Text: before})
		}
		segments = append(segments, Segment{Name: name})
		path = after
	}
	return segments
}

// isAbsolute reports whether a path is a URL with a scheme.
func isAbsolute(path string) bool {
	scheme, _, ok := strings.Cut(path, "://")
	return ok && scheme != "" && !strings.ContainsAny(scheme, "/?#")
}
