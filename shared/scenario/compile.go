package scenario

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// loadLimit is how long the top level of a file may run.
const loadLimit = 2 * time.Second

// Options are what a scenario file can see of the world.
type Options struct {
	Env   map[string]string   // os.environ; nothing else is visible there
	Print io.Writer           // what print writes; nil drops it. Users write at the same time
	Files map[string]string   // the texts of the data files, by the names of DataFiles; Compile reads them, once for all runners
	Mask  func(string) string // takes secrets out of a text that an exception shows; nil: there are none
	Seat  Seat                // of a runner's users, if Program.NeedsSeat
}

// A Program is a scenario file that was found to be right.
type Program struct {
	source  *source
	text    []byte
	plans   []load.Plan
	tables  map[string]*table
	perUser bool
}

// Compile reads a file, runs its top level, for at most 2 s, and checks its scenarios.
// Each error is an *Error, but that of ctx if it ends first.
func Compile(ctx context.Context, file string, text []byte, opts Options) (*Program, error) {
	s, err := newSource(file, text)
	if err != nil {
		return nil, asError(file, err, nil)
	}
	program, _, wrong := s.compile(ctx, text, opts)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return program, nil
}

// refusals are the errors of a file.
type refusals []error

// add adds an error, if there is one.
func (r *refusals) add(err error) {
	if err != nil {
		*r = append(*r, err)
	}
}

// compile runs the top level of a file and checks its scenarios. It goes on after an error as far as what follows does not depend
// on what is wrong, so that one look finds all mistakes. There is a program only if the top level ran to its end.
func (s *source) compile(ctx context.Context, text []byte, opts Options) (*Program, *collector, refusals) {
	wrong := s.checkVerbs()
	tables, err := s.tables(ctx, opts.Files)
	wrong.add(err)
	loaded, failed := loadFile(ctx, s.module.File, text, opts, tables)
	if err := ctx.Err(); err != nil {
		return nil, nil, refusals{fmt.Errorf("load %s: %w", s.module.File, err)}
	}
	if err == nil { // else the lack of data may be the reason
		wrong.add(failed)
	}
	if failed != nil {
		return nil, loaded, append(wrong, s.checkParameters()...)
	}
	plans, unfit := s.plans(runtime.NewThread(runtime.Limits{}), loaded.declared)
	return &Program{source: s, text: text, plans: plans, tables: tables, perUser: loaded.perUser}, loaded, append(wrong, unfit...)
}

// loadFile runs the top level of a file and returns what it declares.
func loadFile(ctx context.Context, file string, text []byte, opts Options, tables map[string]*table) (*collector, error) {
	c := &collector{tables: tables}
	program, err := python.Compile(file, text, python.Config{
		Modules: hostModules(c),
		Environ: opts.Env,
	})
	if err != nil {
		return nil, asError(file, err, opts.Mask)
	}
	th := runtime.NewThread(runtime.Limits{})
	th.Out = opts.Print
	limited, cancel := context.WithTimeout(ctx, loadLimit)
	defer cancel()
	if c.globals, err = program.Load(limited, th); err != nil {
		switch {
		case !errors.Is(err, runtime.ErrCancelled):
			return nil, asError(file, err, opts.Mask)
		case ctx.Err() != nil:
			return nil, fmt.Errorf("load %s: %w", file, ctx.Err())
		default:
			return nil, tookTooLong(file, err, opts.Mask)
		}
	}
	c.closed = true
	return c, nil
}

// NeedsSeat reports whether the file reads data with order="user": the runners of a run then need seats of their own.
func (p *Program) NeedsSeat() bool { return p.perUser }

// Names returns the scenarios in the order of the file.
func (p *Program) Names() []string {
	names := make([]string, len(p.plans))
	for i, plan := range p.plans {
		names[i] = plan.Scenario
	}
	return names
}

// Plan returns the plan of a scenario as its decorator describes it, without a target.
// The name may be "" if the file has only one. It fails with a *load.FieldError that
// names the scenarios there are.
func (p *Program) Plan(name string) (load.Plan, error) {
	if name == "" && len(p.plans) == 1 {
		return p.plans[0], nil
	}
	for _, plan := range p.plans {
		if plan.Scenario == name {
			return plan, nil
		}
	}
	msg := fmt.Sprintf("%s has no scenario %q; it has %s", p.source.module.File, name, list(p.plans))
	if name == "" {
		msg = fmt.Sprintf("%s has several scenarios, name one of %s", p.source.module.File, list(p.plans))
	}
	return load.Plan{}, &load.FieldError{Field: "scenario", Message: msg}
}
