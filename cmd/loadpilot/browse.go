package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// Limits of what is looked through for scenarios.
const (
	browseDepth = 3 // folders below the working folder
	browseFiles = 200
)

// found is a scenario that can be chosen, or a file that cannot be used.
type found struct {
	file    string
	plan    load.Plan
	problem string // why the file cannot be used; empty: it can
}

// browse lets somebody at a terminal choose a scenario below the working folder and change its parameters. What was chosen is set
// as flags of the command, and the file is returned.
func browse(cmd *cobra.Command, std streams, environ map[string]string) (file string, err error) {
	list, err := findScenarios(cmd.Context(), ".", environ)
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", errors.New("there is no scenario in this folder or below: name a file, or make one with loadpilot init")
	}
	end, err := tea.NewProgram(newBrowser(list, cmd.Flags(), terminal.NewPalette(std.out)),
		tea.WithContext(cmd.Context()), tea.WithInput(std.in), tea.WithOutput(std.out), tea.WithoutSignalHandler()).Run()
	if errors.Is(err, tea.ErrProgramKilled) {
		return "", &exitError{code: load.ExitInterrupted}
	}
	if err != nil {
		return "", fmt.Errorf("show the scenarios: %w", err)
	}
	chosen := end.(browser) //nolint:forcetypeassert // it is the model that was started
	if !chosen.done {
		return "", &exitError{code: load.ExitInterrupted}
	}
	command := []string{"loadpilot run", quoted(list[chosen.at].file)}
	for _, s := range chosen.settings() {
		if err := cmd.Flags().Set(s.flag, s.value); err != nil {
			return "", fmt.Errorf("--%s: %w", s.flag, err)
		}
		word := "--" + s.flag
		if s.value != "true" {
			word += "=" + quoted(s.value)
		}
		command = append(command, word)
	}
	_, err = fmt.Fprintln(std.out, terminal.Printable(strings.Join(command, " ")))
	return list[chosen.at].file, err
}

// quoted is a word as a shell takes it.
func quoted(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+=") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// findScenarios returns the scenarios of the Python files in a folder and those below, by file. Hidden folders are left out, and
// files that have nothing to do with LoadPilot.
func findScenarios(ctx context.Context, dir string, environ map[string]string) ([]found, error) {
	var list []found
	files := 0
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		relative, _ := filepath.Rel(dir, name) // name begins with dir
		switch {
		case err != nil && entry != nil && entry.IsDir():
			return fs.SkipDir // a folder that may not be read
		case err != nil:
			return err
		case entry.IsDir():
			hidden := strings.HasPrefix(entry.Name(), ".") && name != dir
			if hidden || entry.Name() == "node_modules" || strings.Count(relative, string(filepath.Separator)) >= browseDepth {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || filepath.Ext(name) != ".py":
			return nil
		}
		if files++; files > browseFiles {
			return fs.SkipAll
		}
		some, err := inspectFile(ctx, filepath.Clean(name), environ)
		list = append(list, some...)
		return err
	})
	return list, err
}

// inspectFile returns the scenarios of a file. The error is that of ctx.
func inspectFile(ctx context.Context, file string, environ map[string]string) ([]found, error) {
	source, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(source), "loadpilot") {
		return nil, nil //nolint:nilerr // it is none of ours
	}
	script, err := openScript(file, environ)
	if err != nil {
		return []found{{file: file, problem: err.Error()}}, nil //nolint:nilerr // it is shown
	}
	inspection, err := scenario.Inspect(ctx, script.name, []byte(script.source), script.options)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(inspection.Findings, func(f scenario.Finding) bool { return f.Error }); i >= 0 {
		f := inspection.Findings[i]
		return []found{{file: file, problem: fmt.Sprintf("line %d: %s", f.Line, newSecrets(environ).mask(f.Message))}}, nil
	}
	var list []found
	for _, s := range inspection.Scenarios {
		list = append(list, found{file: file, plan: s.Plan})
	}
	return list, nil
}

// browser is the model of the terminal: first a list, then the form of the scenario that was chosen.
type browser struct {
	list   []found
	style  terminal.Palette
	given  map[string]string // flags of the command line, by which fields are filled
	width  int
	height int

	at      int
	fields  []field // of the form; nil while the list is shown
	focus   int
	problem string // with a field
	done    bool
}

// field is a parameter in the form.
type field struct {
	flag, label, hint string
	value, value0     string // now, and as the scenario has it
}

// setting is a flag that was chosen.
type setting struct{ flag, value string }

func newBrowser(list []found, flags *pflag.FlagSet, style terminal.Palette) browser {
	given := map[string]string{}
	flags.Visit(func(f *pflag.Flag) { given[f.Name] = f.Value.String() })
	return browser{list: list, style: style, given: given, width: 80, height: 24}
}

// Init implements tea.Model.
func (b browser) Init() tea.Cmd { return nil }

// Update implements tea.Model.
func (b browser) Update(message tea.Msg) (tea.Model, tea.Cmd) {
	switch m := message.(type) {
	case tea.WindowSizeMsg:
		b.width, b.height = m.Width, m.Height
	case tea.PasteMsg:
		if b.fields != nil {
			return b.typed(m.Content), nil
		}
	case tea.KeyPressMsg:
		switch {
		case m.String() == "ctrl+c":
			return b, tea.Quit
		case b.fields == nil:
			return b.choose(m)
		default:
			return b.edit(m)
		}
	}
	return b, nil
}

// choose is a key in the list.
func (b browser) choose(key tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	switch key.String() {
	case "up", "k":
		b.at = max(0, b.at-1)
	case "down", "j":
		b.at = min(len(b.list)-1, b.at+1)
	case "q", "esc":
		return b, tea.Quit
	case "enter":
		if b.list[b.at].problem == "" {
			b.fields, b.focus = b.form(b.list[b.at].plan), 0
		}
	}
	return b, nil
}

// form returns the fields of a scenario.
func (b browser) form(plan load.Plan) []field {
	fields := []field{{flag: "target", label: "target", hint: "base URL; empty: the sample shop"}}
	add := func(flag, label, value string) {
		fields = append(fields, field{flag: flag, label: label, value: value, value0: value})
	}
	if s := plan.Shape; s.Mode != load.ModeStages {
		add("mode", "mode", string(s.Mode))
		add("rps", "rps", terminal.Number(s.RPS))
		add("duration", "duration", s.Duration.String())
		switch s.Mode {
		case load.ModeRamp:
			add("ramp-up", "ramp up", s.RampUp.String())
		case load.ModeStep:
			add("steps", "steps", strconv.Itoa(s.Steps))
		case load.ModeConstant, load.ModeSpike, load.ModeStages:
		}
	}
	for i := range fields {
		if value, ok := b.given[fields[i].flag]; ok {
			fields[i].value = value
		}
	}
	return fields
}

// edit is a key in the form.
func (b browser) edit(key tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	switch key.String() {
	case "esc":
		b.fields, b.problem = nil, ""
	case "up", "shift+tab":
		b.focus = max(0, b.focus-1)
	case "down", "tab":
		b.focus = min(len(b.fields)-1, b.focus+1)
	case "backspace":
		if runes := []rune(b.fields[b.focus].value); len(runes) > 0 {
			return b.with(string(runes[:len(runes)-1])), nil
		}
	case "ctrl+u":
		return b.with(""), nil
	case "enter":
		var at int
		if at, b.problem = b.wrong(); b.problem == "" {
			b.done = true
			return b, tea.Quit
		}
		b.focus = at
	default:
		return b.typed(key.Text), nil
	}
	return b, nil
}

// typed adds a text to the field that has the focus.
func (b browser) typed(text string) browser {
	return b.with(b.fields[b.focus].value + strings.TrimSpace(text))
}

// with gives the field that has the focus another value.
func (b browser) with(value string) browser {
	b.fields = slices.Clone(b.fields)
	b.fields[b.focus].value = value
	return b
}

// settings returns the flags that make the run what was chosen.
func (b browser) settings() []setting {
	out := []setting{}
	same := 0
	for _, s := range b.list {
		if s.file == b.list[b.at].file {
			same++
		}
	}
	if same > 1 {
		out = append(out, setting{"scenario", b.list[b.at].plan.Scenario})
	}
	for _, f := range b.fields {
		value := strings.TrimSpace(f.value)
		switch {
		case f.flag == "target" && value == "":
			if b.given["target"] != "" {
				out = append(out, setting{"target", ""})
			}
			out = append(out, setting{"demo", "true"})
		case f.flag == "target" && b.given["demo"] == "true":
			out = append(out, setting{"target", value}, setting{"demo", "false"})
		case value != f.value0 || b.given[f.flag] != "":
			out = append(out, setting{f.flag, value})
		}
	}
	return out
}

// wrong returns the first field whose value no flag takes, and says so; an empty text: there is none.
func (b browser) wrong() (at int, problem string) {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	new(runOptions).register(flags)
	for _, s := range b.settings() {
		if err := flags.Set(s.flag, s.value); err != nil {
			at = slices.IndexFunc(b.fields, func(f field) bool { return f.flag == s.flag })
			return at, fmt.Sprintf("%q is not possible here", s.value)
		}
	}
	return 0, ""
}

// View implements tea.Model.
func (b browser) View() tea.View {
	var lines []string
	switch {
	case b.done:
	case b.fields == nil:
		lines = b.viewList()
	default:
		lines = b.viewForm()
	}
	for i, line := range lines {
		lines[i] = ansi.Truncate(line, max(1, b.width-1), "…")
	}
	return tea.NewView(strings.Join(lines, "\n") + "\n")
}

// viewList shows as many scenarios as there is room for, the chosen one among them.
func (b browser) viewList() []string {
	lines := []string{b.style.Title.Render("Which scenario?"), ""}
	room := max(1, b.height-5)
	first := max(0, min(b.at-room/2, len(b.list)-room))
	width := 0
	for _, s := range b.list {
		width = max(width, ansi.StringWidth(s.title()))
	}
	for i := first; i < min(len(b.list), first+room); i++ {
		s := b.list[i]
		mark, title, about := "  ", terminal.Pad(s.title(), width), b.style.Faint.Render(shapeText(s.plan.Shape))
		if s.problem != "" {
			about = b.style.Bad.Render(terminal.Printable(s.problem))
		}
		if i == b.at {
			mark, title = "▸ ", b.style.Title.Render(title)
		}
		lines = append(lines, mark+title+"  "+about)
	}
	return append(lines, "", b.style.Faint.Render("↑ ↓ choose   enter go on   q leave"))
}

func (s found) title() string {
	title := s.file
	if s.problem == "" {
		title += "  " + s.plan.Scenario
	}
	return terminal.Printable(title)
}

func (b browser) viewForm() []string {
	lines := []string{b.style.Title.Render(b.list[b.at].title()), ""}
	for i, f := range b.fields {
		mark, cursor := "  ", ""
		if i == b.focus {
			mark, cursor = "▸ ", "▏"
		}
		hint := ""
		if f.value == "" {
			hint = b.style.Faint.Render("  " + f.hint)
		}
		lines = append(lines, fmt.Sprintf("%s%-10s %s%s%s", mark, f.label, terminal.Printable(f.value), cursor, hint))
	}
	return append(lines, "", b.style.Bad.Render(b.problem), b.style.Faint.Render("↑ ↓ choose   enter run   ctrl+u clear   esc back"))
}

// oneFileOr is the argument of a command that takes a file, or lets somebody at a terminal choose one.
func oneFileOr(std streams, args []string) error {
	if len(args) == 1 || len(args) == 0 && terminal.IsTerminal(std.in) && terminal.IsTerminal(std.out) {
		return nil
	}
	return fmt.Errorf("run takes one scenario file, not %d arguments", len(args))
}

// chooseFile returns the scenario file that is named, or chosen at the terminal.
func (o *runOptions) chooseFile(cmd *cobra.Command, std streams, args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	environ, err := o.env.read()
	if err != nil {
		return "", err
	}
	return browse(cmd, std, environ)
}
