package runtime

import (
	"fmt"
	"slices"
	"strings"
)

// FrameInfo is one line of a traceback.
type FrameInfo struct {
	File     string
	Line     int
	Function string
	Source   string // the line, without indentation
	Carets   string // what stands below Source, "" when CPython prints nothing
}

// Frames lists the calls from the outermost to the one that failed.
func (e *Exception) Frames() []FrameInfo {
	points := e.points()
	out := make([]FrameInfo, 0, len(points))
	for _, p := range slices.Backward(points) {
		out = append(out, p.info())
	}
	return out
}

func (p tracePoint) info() FrameInfo {
	file := p.code.File
	line := []rune(file.Line(int(p.at.Line)))
	source := strings.TrimSpace(string(line))
	return FrameInfo{
		File: file.Name, Line: int(p.at.Line), Function: p.code.Name,
		Source: source, Carets: p.carets(line, len([]rune(source))),
	}
}

// carets follows CPython 3.11: a span that covers its whole line gets none unless
// an operator or brackets can be told apart in it.
func (p tracePoint) carets(line []rune, width int) string {
	indent := 0
	for indent < len(line) && (line[indent] == ' ' || line[indent] == '\t' || line[indent] == '\f') {
		indent++
	}
	start, end := int(p.at.Col)-1, int(p.at.EndCol)-1
	marked := p.at.MarkCol > 0
	if p.at.EndLine != p.at.Line {
		end, marked = indent+width, false
	}
	if end-start >= width && !marked || start < indent || end <= start {
		return ""
	}
	pad := strings.Repeat(" ", start-indent)
	if !marked {
		return pad + strings.Repeat("^", end-start)
	}
	left, right := int(p.at.MarkCol)-1, int(p.at.MarkEnd)-1
	return pad + strings.Repeat("~", left-start) + strings.Repeat("^", right-left) + strings.Repeat("~", max(0, end-right))
}

const (
	causeText   = "\nThe above exception was the direct cause of the following exception:\n\n"
	contextText = "\nDuring handling of the above exception, another exception occurred:\n\n"
)

// Traceback is what CPython prints for an exception that nobody caught, with the
// exceptions behind it.
func (e *Exception) Traceback() string {
	var b strings.Builder
	e.print(&b, map[*Exception]bool{})
	return b.String()
}

// maxChain bounds the exceptions that one traceback shows, the newest first.
const maxChain = 20

func (e *Exception) print(b *strings.Builder, seen map[*Exception]bool) {
	seen[e] = true
	cause, context := e.link(&e.Cause), e.link(&e.Context)
	switch {
	case len(seen) >= maxChain:
	case cause != nil && !seen[cause]:
		cause.print(b, seen)
		b.WriteString(causeText)
	case context != nil && !e.contextHidden() && !seen[context]:
		context.print(b, seen)
		b.WriteString(contextText)
	}
	if frames := e.Frames(); len(frames) > 0 {
		b.WriteString("Traceback (most recent call last):\n")
		writeFrames(b, frames)
	}
	b.WriteString(e.Error())
	if e.hint != nil {
		if name := e.hint(); name != "" {
			b.WriteString(". Did you mean: '" + name + "'?")
		}
	}
	b.WriteByte('\n')
	if notes, ok := e.get("__notes__").(*List); ok {
		for _, n := range notes.Items() {
			if s, ok := AsStr(n); ok {
				b.WriteString(s + "\n")
			}
		}
	}
}

// writeFrames folds more than three equal frames in a row, as CPython does.
func writeFrames(b *strings.Builder, frames []FrameInfo) {
	repeats := 0
	fold := func() {
		if more := repeats - 3; more > 0 {
			plural := "s"
			if more == 1 {
				plural = ""
			}
			fmt.Fprintf(b, "  [Previous line repeated %d more time%s]\n", more, plural)
		}
	}
	for i, f := range frames {
		if i > 0 && f.File == frames[i-1].File && f.Line == frames[i-1].Line && f.Function == frames[i-1].Function {
			repeats++
		} else {
			fold()
			repeats = 1
		}
		if repeats > 3 {
			continue
		}
		fmt.Fprintf(b, "  File \"%s\", line %d, in %s\n", f.File, f.Line, f.Function)
		if f.Source != "" {
			fmt.Fprintf(b, "    %s\n", f.Source)
		}
		if f.Carets != "" {
			fmt.Fprintf(b, "    %s\n", f.Carets)
		}
	}
	fold()
}
