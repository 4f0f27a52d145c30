package python

import (
	"context"
	"maps"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/compiler"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// Config is what a host gives to a program.
type Config struct {
	// Modules are the host's own native modules, by import name. They go before
	// those of the standard library.
	Modules map[string]stdlib.Factory
	// Environ is all that the program sees as os.environ.
	Environ map[string]string
	// Advice adds to what refusals say, by name or by "import <module>".
	Advice map[string]string
}

// Program is a compiled file. It is immutable and may be loaded several times.
type Program struct {
	compiled *compiler.Program
	config   Config
	modules  map[string]stdlib.Factory
}

// Compile parses and compiles a file. What the language leaves out, and imports of
// unknown modules and names, are refused here; the error is a *syntax.Error.
func Compile(name string, src []byte, config Config) (*Program, error) {
	tree, err := syntax.Parse(name, src)
	if err != nil {
		return nil, err
	}
	p := &Program{config: config, modules: stdlib.Modules()}
	maps.Copy(p.modules, config.Modules)
	advice := stdlib.Advice()
	maps.Copy(advice, config.Advice)
	p.compiled, err = compiler.Compile(tree, compiler.Env{
		Builtins: stdlib.Builtins(), Modules: p.instances(config.Environ), Advice: advice,
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// instances makes each module once, when it is first asked for.
func (p *Program) instances(environ map[string]string) func(name string) *runtime.Module {
	made := map[string]*runtime.Module{}
	return func(name string) *runtime.Module {
		if m := made[name]; m != nil {
			return m
		}
		factory := p.modules[name]
		if factory == nil {
			return nil
		}
		made[name] = factory(stdlib.Host{Environ: environ})
		return made[name]
	}
}

// Load runs the module body on th and publishes what the module holds. A failing
// body gives a *runtime.Exception.
func (p *Program) Load(ctx context.Context, th *runtime.Thread) (*runtime.Module, error) {
	mod := runtime.NewGlobals("__main__", p.compiled.Globals)
	instance := p.instances(p.config.Environ)
	mod.Imports = make(map[string]*runtime.Module, len(p.compiled.Imports))
	for _, name := range p.compiled.Imports {
		m := instance(name)
		mod.Imports[name] = m
		if parent, child, ok := cutLast(name); ok && p.modules[parent] != nil {
			instance(parent).Set(child, m)
		}
	}
	body := &runtime.Function{Code: p.compiled.Code, Globals: mod}
	if _, err := th.Call(ctx, body, nil); err != nil {
		return nil, err
	}
	runtime.Publish(mod)
	return mod, nil
}

func cutLast(name string) (parent, child string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}
