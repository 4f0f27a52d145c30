package runtime

import (
	"context"
	"fmt"
	"runtime/debug"
	"strings"
)

// Kwarg is a keyword argument of a host's call.
type Kwarg struct {
	Name  string
	Value Value
}

// Call runs one invocation: budgets start anew, ctx is heard, a Go panic becomes
// SystemError and a coroutine is awaited. The error is an *Exception.
func (th *Thread) Call(ctx context.Context, fn Value, args []Value, kwargs ...Kwarg) (Value, error) {
	th.begin(ctx)
	defer th.abandonLocks()
	return th.Nested(fn, args, kwargs...)
}

// Nested is Call within the budgets and the context of the invocation that runs.
func (th *Thread) Nested(fn Value, args []Value, kwargs ...Kwarg) (Value, error) {
	a := Args{Vals: args}
	if len(kwargs) > 0 {
		a.Vals = append([]Value(nil), args...)
		for _, k := range kwargs {
			a.Vals = append(a.Vals, k.Value)
			a.Names = append(a.Names, k.Name)
		}
	}
	return th.invoke(func() (Value, error) { return CallArgs(th, fn, a) })
}

// Do is Call of a function of the host, which may call members of a user with CallMember.
func (th *Thread) Do(ctx context.Context, call func() (Value, error)) (Value, error) {
	th.begin(ctx)
	defer th.abandonLocks()
	return th.invoke(call)
}

// invoke does a call for the host: a panic becomes SystemError and a coroutine is awaited.
func (th *Thread) invoke(call func() (Value, error)) (Value, error) {
	sp, depth := th.sp, th.depth
	v, err := protect(call)
	if c, ok := v.(*Coroutine); ok && err == nil {
		v, err = protect(func() (Value, error) {
			if th.task == nil {
				return th.RunAsync(c)
			}
			return c.Await(th)
		})
	}
	if th.sp != sp { // a panic left its frames behind
		clear(th.stack[min(sp, len(th.stack)):])
		th.sp, th.depth = sp, depth
	}
	if err != nil {
		return nil, asException(err)
	}
	return v, nil
}

// protect turns a Go panic into SystemError.
func protect(f func() (Value, error)) (v Value, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, err = nil, Errorf(SystemError, "%v", r).WithCause(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	return f()
}

// Call calls fn with positional arguments from native code.
func Call(th *Thread, fn Value, args ...Value) (Value, error) {
	return CallArgs(th, fn, Args{Vals: args})
}

// CallMember calls what the class of self has under a name, within an invocation: a function
// gets self before the arguments. No bound method is made of it.
func CallMember(th *Thread, self, member Value, args ...Value) (Value, error) {
	return callMethod(th, self, member, args...)
}

// callMethod calls a class member with self first.
func callMethod(th *Thread, self, member Value, args ...Value) (Value, error) {
	switch m := member.(type) {
	case *Function:
		return m.callSelf(th, self, Args{Vals: args})
	case *StaticMethod:
		return Call(th, m.Fn, args...)
	}
	bound, err := bindMember(th, member, self, self.Class())
	if err != nil {
		return nil, err
	}
	return CallArgs(th, bound, Args{Vals: args})
}

// CallArgs calls any callable. Arguments that lie on top of the thread's stack are
// used up by the call.
func CallArgs(th *Thread, fn Value, a Args) (Value, error) {
	switch fn := fn.(type) {
	case *Function:
		return fn.call(th, a)
	case *Native:
		if err := th.Step(); err != nil {
			return nil, err
		}
		return fn.call(th, a)
	case *BoundMethod:
		return CallSelf(th, fn.Fn, fn.Self, a)
	case *Class:
		return instantiate(th, fn, a)
	case *StaticMethod:
		return CallArgs(th, fn.Fn, a)
	case *Object:
		if m := fn.class.Lookup("__call__"); m != nil {
			bound, err := bindMember(th, m, fn, fn.class)
			if err != nil {
				return nil, err
			}
			if err := th.enter(" while calling a Python object"); err != nil {
				return nil, err
			}
			defer th.leave()
			return CallArgs(th, bound, a)
		}
	case interface {
		Call(th *Thread, a Args) (Value, error)
	}:
		return fn.Call(th, a)
	}
	return nil, Errorf(TypeError, "'%s' object is not callable", fn.Class().Name)
}

// CallSelf calls fn with self before the other arguments.
func CallSelf(th *Thread, fn, self Value, a Args) (Value, error) {
	vals := th.reserve(len(a.Vals) + 1)
	vals[0] = self
	copy(vals[1:], a.Vals)
	v, err := CallArgs(th, fn, Args{Vals: vals, Names: a.Names})
	th.release(vals)
	return v, err
}

func (fn *Function) callSelf(th *Thread, self Value, a Args) (Value, error) {
	return CallSelf(th, fn, self, a)
}

// call runs the function. When the arguments are the top of the stack and fit the
// parameters one to one, they become the first locals where they lie.
func (fn *Function) call(th *Thread, a Args) (Value, error) {
	code := fn.Code
	if err := th.Steps(1 + code.Extra); err != nil {
		return nil, err
	}
	if code.Generator || code.Async {
		return fn.suspend(th, a)
	}
	if err := th.enter(""); err != nil {
		return nil, err
	}
	f := th.frame()
	var held []Value
	n := len(a.Vals)
	if code.Simple && len(a.Names) == 0 && n == code.NPos {
		base := th.sp - n
		if n > 0 && base >= 0 && base < len(th.stack) && &th.stack[base] == &a.Vals[0] {
			held = th.reserve(code.NLocals - n)
			f.Locals = th.stack[base : base+code.NLocals : base+code.NLocals]
			if &f.Locals[0] != &a.Vals[0] {
				copy(f.Locals, a.Vals)
			}
		} else {
			held = th.reserve(code.NLocals)
			copy(held, a.Vals)
			f.Locals = held
		}
	} else {
		held = th.reserve(code.NLocals)
		if err := fn.bind(th, a, held); err != nil {
			th.release(held)
			th.leave()
			return nil, err
		}
		f.Locals = held
	}
	f.Fn = fn
	if code.NCells > 0 {
		f.makeCells(code)
	}
	v, err := code.Body(f)
	f.Locals, f.Cells, f.Result = nil, nil, nil
	th.release(held)
	th.leave()
	return v, err
}

func (f *Frame) makeCells(code *Code) {
	cells := make([]Slot, code.NCells)
	f.Cells = make([]*Slot, code.NCells)
	for i := range cells {
		f.Cells[i] = &cells[i]
	}
	for i := 0; i < len(code.ParamCells); i += 2 {
		f.Cells[code.ParamCells[i+1]].Store(f.Locals[code.ParamCells[i]])
	}
}

// What one of many arguments is charged: bytes in the tuple, on the stack and in the
// spreading of a `*` argument, and the work of passing it on.
const (
	argumentBytes = 48
	argumentWork  = 64
)

// bind fills the locals from arguments, with CPython's errors.
func (fn *Function) bind(th *Thread, a Args, locals []Value) error {
	code := fn.Code
	if err := th.work(len(a.Vals) * argumentWork); err != nil {
		return err
	}
	npos := a.NPos()
	copy(locals, a.Vals[:min(npos, code.NPos)])
	if code.VarArgs >= 0 {
		var rest []Value
		if npos > code.NPos {
			if err := th.AllocMany(npos-code.NPos, argumentBytes); err != nil {
				return err
			}
			rest = append(rest, a.Vals[code.NPos:npos]...)
		}
		locals[code.VarArgs] = NewTuple(rest...)
	}
	if err := fn.bindKeywords(th, a, locals); err != nil {
		return err
	}
	if npos > code.NPos && code.VarArgs < 0 {
		return fn.tooMany(npos, locals)
	}
	return fn.bindDefaults(locals)
}

func (fn *Function) bindKeywords(th *Thread, a Args, locals []Value) error {
	code := fn.Code
	var extra *Dict
	if code.VarKw >= 0 {
		extra = NewDict()
		locals[code.VarKw] = extra
	}
	var misplaced []string
	for i, name := range a.Names {
		v := a.Vals[a.NPos()+i]
		at := -1
		for j := code.PosOnly; j < len(code.Params); j++ {
			if code.Params[j] == name {
				at = j
				break
			}
		}
		switch {
		case at >= 0 && locals[at] != nil:
			return Errorf(TypeError, "%s() got multiple values for argument '%s'", code.QualName, name)
		case at >= 0:
			locals[at] = v
		case extra != nil:
			if extra.GetStr(name) != nil {
				return Errorf(TypeError, "%s() got multiple values for keyword argument '%s'", code.QualName, name)
			}
			if err := extra.setKey(th, Str(name), v); err != nil {
				return err
			}
		default:
			for _, p := range code.Params[:code.PosOnly] {
				if p == name {
					misplaced = append(misplaced, name)
				}
			}
			if len(misplaced) == 0 {
				return Errorf(TypeError, "%s() got an unexpected keyword argument '%s'", code.QualName, name)
			}
		}
	}
	if len(misplaced) > 0 {
		return Errorf(TypeError, "%s() got some positional-only arguments passed as keyword arguments: '%s'",
			code.QualName, strings.Join(misplaced, ", "))
	}
	return nil
}

func (fn *Function) bindDefaults(locals []Value) error {
	code := fn.Code
	first := code.NPos - len(fn.Defaults)
	var missing []string
	for i := range code.NPos {
		if locals[i] != nil {
			continue
		}
		if i < first {
			missing = append(missing, "'"+code.Params[i]+"'")
		} else {
			locals[i] = fn.Defaults[i-first]
		}
	}
	if len(missing) > 0 {
		return fn.missing("positional", missing)
	}
	for i := code.NPos; i < len(code.Params); i++ {
		if locals[i] == nil {
			if locals[i] = fn.KwOnly[i-code.NPos]; locals[i] == nil {
				missing = append(missing, "'"+code.Params[i]+"'")
			}
		}
	}
	if len(missing) > 0 {
		return fn.missing("keyword-only", missing)
	}
	return nil
}

func (fn *Function) missing(kind string, names []string) error {
	return errMissing(fn.Code.QualName, kind, names)
}

// errMissing names the quoted parameters that got no argument.
func errMissing(title, kind string, names []string) error {
	text := names[0]
	switch n := len(names); {
	case n == 2:
		text = names[0] + " and " + names[1]
	case n > 2:
		text = strings.Join(names[:n-1], ", ") + ", and " + names[n-1]
	}
	return Errorf(TypeError, "%s() missing %d required %s argument%s: %s",
		title, len(names), kind, plural(len(names)), text)
}

func (fn *Function) tooMany(given int, locals []Value) error {
	code := fn.Code
	takes := fmt.Sprintf("%d positional argument%s", code.NPos, plural(code.NPos))
	if n := len(fn.Defaults); n > 0 {
		takes = fmt.Sprintf("from %d to %d positional arguments", code.NPos-n, code.NPos)
	}
	kwonly := 0
	for i := code.NPos; i < len(code.Params); i++ {
		if locals[i] != nil {
			kwonly++
		}
	}
	if kwonly > 0 {
		return Errorf(TypeError, "%s() takes %s but %d positional argument%s (and %d keyword-only argument%s) were given",
			code.QualName, takes, given, plural(given), kwonly, plural(kwonly))
	}
	return Errorf(TypeError, "%s() takes %s but %d %s given", code.QualName, takes, given, wasWere(given))
}

// instantiate calls a class.
func instantiate(th *Thread, c *Class, a Args) (Value, error) {
	if err := th.Step(); err != nil {
		return nil, err
	}
	if c.meta != nil {
		if m := c.meta.Lookup("__call__"); m != nil {
			return CallSelf(th, m, c, a)
		}
	}
	if c.builtin && c.make != nil {
		return c.make(th, c, a)
	}
	return Construct(th, c, a)
}

// Construct is type.__call__: __new__, then __init__.
func Construct(th *Thread, c *Class, a Args) (Value, error) {
	if c.make == nil {
		if len(c.abstract) > 0 {
			return nil, c.errAbstract()
		}
		return nil, Errorf(TypeError, "cannot create '%s' instances", c.fullName())
	}
	if err := th.Alloc(96); err != nil {
		return nil, err
	}
	members := c.shape().members
	var made Value
	var err error
	newer, init := slotValue(members["__new__"]), slotValue(members["__init__"])
	if m, ok := newer.(*StaticMethod); ok && m.Fn.Class() == functionClass {
		made, err = CallSelf(th, m, c, a)
	} else {
		if init == objectInit && len(a.Vals) > 0 && c.solidBase() == nil && !c.solid {
			return nil, Errorf(TypeError, "%s() takes no arguments", c.Name)
		}
		made, err = c.make(th, c, a)
	}
	if err != nil || init == objectInit || !made.Class().Is(c) {
		return made, err
	}
	r, err := CallSelf(th, init, made, a)
	if err != nil {
		return nil, err
	}
	if r != None {
		return nil, Errorf(TypeError, "__init__() should return None, not '%s'", r.Class().Name)
	}
	return made, nil
}

func slotValue(s *Slot) Value {
	if s == nil {
		return nil
	}
	return s.Load()
}

// CallAttr is `v.name(args…)`.
func CallAttr(th *Thread, v Value, name string, args ...Value) (Value, error) {
	m, err := GetAttr(th, v, name)
	if err != nil {
		return nil, err
	}
	return Call(th, m, args...)
}
