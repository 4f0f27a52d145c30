package scenario

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// An Inspection is what can be known of a scenario file without sending a request.
type Inspection struct {
	File      string
	Scenarios []Summary
	Data      []DataFile
	Findings  []Finding // in the order of the file
}

// Failed reports whether a finding is an error.
func (i *Inspection) Failed() bool {
	return slices.ContainsFunc(i.Findings, func(f Finding) bool { return f.Error })
}

// A Summary describes one scenario.
type Summary struct {
	Plan       load.Plan
	Start      bool // it has an on_start
	Stop       bool // it has an on_stop
	Tasks      []TaskSummary
	Iterations int64 // that the plan has in all
}

// A TaskSummary describes one task.
type TaskSummary struct {
	Name      string
	Weight    int
	Share     float64 // of the iterations, in per cent
	Static    bool    // its requests are the same each time, if the attributes it reads hold texts, numbers or None
	Reads     []string
	Reason    Reason // why it is not static
	Check     bool   // it has a check
	ReadsBody bool   // the check may read the body
}

// A Reason is what keeps a task from being static.
type Reason struct {
	Line int    // 0 if it has no place
	Text string // an expression and what it does
}

// A Finding is something that is wrong with a file, or probably is.
type Finding struct {
	Error   bool   // what stands there fails whenever it runs; else it is a warning
	Line    int    // from 1; 0 for the file as a whole
	Col     int    // from 1, in characters; 0 if unknown
	EndCol  int    // the column after the last one meant, on the same line
	Text    string // the source line
	Message string
	Hint    string // what may have been meant, or ""
	Trace   string // the traceback, if the file failed while it was loaded

	refusal bool // the file is refused for it
}

// A DataFile is a data file that the script names.
type DataFile struct {
	Name    string
	Rows    int
	Columns []string
}

// describeData lists the data files by name.
func describeData(tables map[string]*table) []DataFile {
	var out []DataFile
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		t := tables[name]
		out = append(out, DataFile{Name: name, Rows: len(t.starts) - 1, Columns: t.columns})
	}
	return out
}

// Inspect compiles a file and looks for what will go wrong when it runs. The error is that
// of ctx, if it ends first.
func Inspect(ctx context.Context, file string, text []byte, opts Options) (*Inspection, error) {
	out := &Inspection{File: file}
	s, err := newSource(file, text)
	if err != nil {
		out.Findings = []Finding{refusal(asError(file, err, nil))}
		return out, nil
	}
	program, loaded, wrong := s.compile(ctx, text, opts)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	inspector := newInspector(s)
	if program != nil {
		inspector.globals = loaded.globals
		out.Data = describeData(program.tables)
	}
	if len(wrong) == 0 {
		out.Scenarios = s.summaries(program.plans, loaded.declared)
	}
	inspector.run(out.Scenarios)
	out.Findings = inspector.findings
	for _, err := range wrong {
		out.Findings = merge(refusal(err), out.Findings)
	}
	slices.SortStableFunc(out.Findings, func(a, b Finding) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Col - b.Col
	})
	return out, nil
}

// merge adds what the file was refused for, which may be what a finding is about, too.
func merge(refused Finding, findings []Finding) []Finding {
	out := []Finding{refused}
	for _, f := range findings {
		same := f.Line == refused.Line && (f.Col == refused.Col || refused.Col == 0)
		if !same || !f.Error || f.refusal {
			out = append(out, f)
			continue
		}
		if out[0].Hint == "" {
			out[0].Hint = f.Hint
		}
		if out[0].Col == 0 {
			out[0].Col, out[0].EndCol = f.Col, f.EndCol
		}
	}
	return out
}

// refusal is the finding for the error that compiling ended with.
func refusal(err error) Finding {
	wrong, ok := errors.AsType[*Error](err)
	if !ok {
		return Finding{Error: true, Message: err.Error(), refusal: true}
	}
	f := Finding{Error: true, Line: wrong.Line, Col: wrong.Col, EndCol: wrong.endCol, Text: wrong.Text, Message: wrong.Msg, refusal: true}
	switch {
	case wrong.Field != "":
		f.Message = wrong.Field + ": " + wrong.Msg
		f.Hint = near(wrong.Field, parameters)
	case wrong.Col == 0 && strings.Contains(wrong.report, "\n"):
		f.Trace = wrong.report
	}
	return f
}

// parameters are those of @scenario.
var parameters = []string{
	"rps", "duration", "ramp_up", "mode", "steps", "thresholds", "users", "max_users", "max_lag", "timeout", "graceful_stop",
	"warmup",
}

// near is the one of the names that another was probably meant to be, as a question.
func near(name string, names []string) string {
	if slices.Contains(names, name) {
		return ""
	}
	meant := runtime.Nearest(name, names)
	if meant == "" { // letters that changed places are two mistakes in a short name
		if i := slices.IndexFunc(names, func(n string) bool { return sameLetters(n, name) }); i >= 0 {
			meant = names[i]
		}
	}
	if meant == "" {
		return ""
	}
	return "did you mean '" + meant + "'?"
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

// summaries describes the scenarios of a file.
func (s *source) summaries(plans []load.Plan, declared []declaration) []Summary {
	out := make([]Summary, 0, len(plans))
	for _, plan := range plans {
		i := slices.IndexFunc(declared, func(d declaration) bool { return d.class.Name == plan.Scenario })
		if i < 0 {
			continue
		}
		class := declared[i].class
		summary := Summary{Plan: plan, Start: hook(class, "on_start") != nil, Stop: hook(class, "on_stop") != nil}
		if profile, err := load.NewProfile(plan.Shape); err == nil {
			summary.Iterations = profile.Total()
		}
		total := 0
		for _, t := range plan.Tasks {
			total += t.Weight
		}
		a := s.analyse(class)
		for _, t := range plan.Tasks {
			task := TaskSummary{Name: t.Name, Weight: t.Weight, Share: 100 * float64(t.Weight) / float64(total)}
			reads, obstacle := a.task(t.Name)
			if obstacle == nil {
				obstacle = a.mutable(reads)
			}
			if obstacle == nil {
				task.Static, task.Reads = true, reads
			} else {
				task.Reason = s.reason(obstacle)
			}
			if class.Lookup(checkPrefix+t.Name) != nil {
				task.Check, task.ReadsBody = true, a.readsBody(checkPrefix+t.Name)
			}
			summary.Tasks = append(summary.Tasks, task)
		}
		out = append(out, summary)
	}
	return out
}

// mutable finds among attributes that a task reads one that on_start sets to something that
// is visibly neither a text nor a number.
func (a *analysis) mutable(reads []string) *obstacle {
	for _, c := range a.classes {
		for _, name := range []string{"__init__", "on_start"} {
			f := c.functions[name]
			if f == nil || len(f.Params.Args) == 0 {
				continue
			}
			var found *obstacle
			walk(f, func(n syntax.Node) {
				assign, ok := n.(*syntax.Assign)
				if !ok || found != nil || !isDisplay(assign.Value) {
					return
				}
				for _, t := range assign.Targets {
					attr, ok := t.(*syntax.Attribute)
					if ok && isName(attr.Value, f.Params.Args[0].Name) && slices.Contains(reads, attr.Attr) {
						found = &obstacle{attr, whyMutable}
					}
				}
			})
			if found != nil {
				return found
			}
		}
	}
	return nil
}

// isDisplay reports whether an expression makes a dict, list, set or tuple.
func isDisplay(e syntax.Expr) bool {
	switch e.(type) {
	case *syntax.Dict, *syntax.List, *syntax.Set, *syntax.Tuple, *syntax.ListComp, *syntax.DictComp, *syntax.SetComp, *syntax.GeneratorExp:
		return true
	}
	return false
}

// reason puts an obstacle into words.
func (s *source) reason(o *obstacle) Reason {
	if o.node == nil {
		return Reason{Text: "it " + o.why}
	}
	line := int(o.node.Range().Start.Line)
	if o.why == whyAnswer {
		return Reason{Line: line, Text: "the answer of " + s.excerpt(o.node) + " is used"}
	}
	why := o.why
	if call, ok := o.node.(*syntax.Call); ok && o.why == whyCall && s.drawsAnew(call.Func) {
		why = "changes with each arrival"
	}
	if attr, ok := o.node.(*syntax.Attribute); ok && attr.Attr == "iteration" {
		why = "changes with each arrival"
	}
	return Reason{Line: line, Text: s.excerpt(o.node) + " " + why}
}

// drawsAnew reports whether a function is one of a module whose functions give something else
// each time.
func (s *source) drawsAnew(fn syntax.Expr) bool {
	changing := []string{"random", "uuid", "secrets", "time", "datetime"}
	for {
		switch e := fn.(type) {
		case *syntax.Attribute:
			fn = e.Value
			continue
		case *syntax.Name:
			return s.find(func(n syntax.Node) bool {
				switch n := n.(type) {
				case *syntax.Import:
					return slices.ContainsFunc(n.Names, func(a *syntax.Alias) bool {
						return slices.Contains(changing, a.Name) && (a.AsName == e.ID || a.AsName == "" && a.Name == e.ID)
					})
				case *syntax.ImportFrom:
					return slices.Contains(changing, n.Module) && slices.ContainsFunc(n.Names, func(a *syntax.Alias) bool {
						return a.AsName == e.ID || a.AsName == "" && a.Name == e.ID
					})
				}
				return false
			}) != nil
		}
		return false
	}
}

// maxExcerpt is the length of the longest piece of source in a reason, in characters.
const maxExcerpt = 50

// excerpt is the source of a node, without the arguments of a call that is long.
func (s *source) excerpt(n syntax.Node) string {
	if text := s.textOf(n.Range()); len(text) <= maxExcerpt {
		return text
	}
	switch n := n.(type) {
	case *syntax.Call:
		if text := s.textOf(n.Func.Range()); len(text) <= maxExcerpt {
			return text + "(...)"
		}
	case *syntax.If:
		return "if"
	case *syntax.For:
		return "for"
	case *syntax.While:
		return "while"
	case *syntax.With:
		return "with"
	case *syntax.Try:
		return "try"
	}
	text := []rune(s.textOf(n.Range()))
	return string(text[:min(maxExcerpt, len(text))]) + "..."
}

// textOf is the source of a span up to the end of its first line.
func (s *source) textOf(at syntax.Span) string {
	line := []rune(s.module.Line(at.Start.Line))
	start := min(int(at.Start.Col)-1, len(line))
	if at.End.Line == at.Start.Line {
		return string(line[start:min(int(at.End.Col)-1, len(line))])
	}
	return strings.TrimRight(string(line[start:]), " \t:") + " ..."
}
