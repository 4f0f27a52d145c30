package scenario

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// Limits of the data files of one scenario file.
const (
	MaxDataFiles = 64        // files
	MaxDataFile  = 64 << 20  // bytes of one file
	MaxData      = 128 << 20 // bytes of all files together
	maxDataName  = 255       // bytes of a name
)

// DataFiles returns the names that a scenario file gives to loadpilot.data, each once, in the order of the file: what
// Options.Files must hold before the file can be compiled. A name is a relative path with slashes, below the folder of the
// scenario file. Each error is an *Error: of the syntax, or of a name that is not a literal or cannot be one of a data file.
func DataFiles(file string, text []byte) ([]string, error) {
	s, err := newSource(file, text)
	if err != nil {
		return nil, asError(file, err, nil)
	}
	calls, err := s.dataCalls()
	if err != nil {
		return nil, err
	}
	return dataNames(calls), nil
}

// A dataCall is a call of loadpilot.data in the source.
type dataCall struct {
	call *syntax.Call
	name string
}

func dataNames(calls []dataCall) []string {
	var names []string
	for _, c := range calls {
		if !slices.Contains(names, c.name) {
			names = append(names, c.name)
		}
	}
	return names
}

// dataCalls finds the calls of loadpilot.data, whatever names the file imports it by, and refuses those whose file cannot be
// known before the file runs.
func (s *source) dataCalls() ([]dataCall, error) {
	modules, functions := s.dataImports()
	var calls []dataCall
	var wrong error
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			call, ok := n.(*syntax.Call)
			if !ok || wrong != nil || !isData(call.Func, modules, functions) {
				return
			}
			var name string
			if name, wrong = s.dataName(call); wrong == nil {
				calls = append(calls, dataCall{call, name})
			}
		})
	}
	if names := dataNames(calls); wrong == nil && len(names) > MaxDataFiles {
		wrong = s.errorAt(calls[len(calls)-1].call, "data", fmt.Sprintf("%d data files are too many: at most %d", len(names), MaxDataFiles))
	}
	return calls, wrong
}

// dataImports returns by which names a file knows the module loadpilot, and its function data.
func (s *source) dataImports() (modules, functions map[string]bool) {
	modules, functions = map[string]bool{}, map[string]bool{}
	note := func(names map[string]bool, a *syntax.Alias, wanted string) {
		switch {
		case a.Name != wanted:
		case a.AsName != "":
			names[a.AsName] = true
		default:
			names[a.Name] = true
		}
	}
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			switch n := n.(type) {
			case *syntax.Import:
				for _, a := range n.Names {
					note(modules, a, "loadpilot")
				}
			case *syntax.ImportFrom:
				for _, a := range n.Names {
					if n.Module == "loadpilot" {
						note(functions, a, "data")
					}
				}
			}
		})
	}
	return modules, functions
}

func isData(fn syntax.Expr, modules, functions map[string]bool) bool {
	switch fn := fn.(type) {
	case *syntax.Name:
		return functions[fn.ID]
	case *syntax.Attribute:
		module, ok := fn.Value.(*syntax.Name)
		return ok && fn.Attr == "data" && modules[module.ID]
	}
	return false
}

// dataName returns the name that a call of loadpilot.data gives.
func (s *source) dataName(call *syntax.Call) (string, error) {
	if len(call.Args) == 0 {
		return "", s.errorAt(call, "data", "it needs the name of a file, as in loadpilot.data(\"users.csv\")")
	}
	literal, _ := call.Args[0].(*syntax.Constant)
	if literal == nil {
		return "", s.errorAt(call.Args[0], "data", "the name must be a literal such as \"users.csv\": files are sent before the script runs")
	}
	name, ok := literal.Value.(string)
	if !ok {
		return "", s.errorAt(literal, "data", "the name must be a text such as \"users.csv\"")
	}
	if msg := badDataName(name); msg != "" {
		return "", s.errorAt(literal, "data", msg)
	}
	return name, nil
}

// badDataName returns why a file cannot have a name, "" if it can.
func badDataName(name string) string {
	switch {
	case len(name) > maxDataName:
		return fmt.Sprintf("a name has at most %d bytes", maxDataName)
	case !fs.ValidPath(name) || strings.ContainsAny(name, `\:`) || strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Sprintf("%q is not the name of a file below the scenario's folder, such as \"users.csv\" or \"data/users.csv\"", name)
	case dataFormat(name) == formatUnknown:
		return fmt.Sprintf("%q must end in .csv, .jsonl or .ndjson", name)
	}
	return ""
}

// format is how the rows of a data file are written.
type format int

const (
	formatUnknown format = iota
	formatCSV
	formatJSON // one object a line
)

func dataFormat(name string) format {
	switch strings.ToLower(path.Ext(name)) {
	case ".csv":
		return formatCSV
	case ".jsonl", ".ndjson":
		return formatJSON
	}
	return formatUnknown
}
