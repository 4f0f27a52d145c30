package runtime

import (
	"strconv"
	"strings"
)

// Args are the arguments of a call. Vals has the positional ones, then those that
// Names name. It belongs to the caller: copy what must outlive the call.
type Args struct {
	Vals  []Value
	Names []string
}

// NPos is the number of positional arguments.
func (a Args) NPos() int { return len(a.Vals) - len(a.Names) }

// Pos are the positional arguments.
func (a Args) Pos() []Value { return a.Vals[:len(a.Vals)-len(a.Names)] }

// Kw is the keyword argument name, nil when absent.
func (a Args) Kw(name string) Value {
	for i, n := range a.Names {
		if n == name {
			return a.Vals[a.NPos()+i]
		}
	}
	return nil
}

// KwDict is a new dict of the keyword arguments.
func (a Args) KwDict() *Dict {
	d := newDictSize(len(a.Names))
	for i, n := range a.Names {
		d.SetStr(n, a.Vals[a.NPos()+i])
	}
	return d
}

// NativeFunc is the Go side of a native function.
type NativeFunc func(th *Thread, a Args) (Value, error)

// Native is a function written in Go.
type Native struct {
	Name   string
	fn     NativeFunc
	sig    *Signature // nil: fn takes the arguments as they come
	owner  *Class     // set for methods
	full   string     // of a method: with the name of its class
	module string
	check  LiteralCheck
}

// LiteralCheck looks at a call before the program runs: at the arguments by position
// that stand in the source as literals, nil for the others. It gives the number of the
// argument that it refuses and why, "" when it takes them.
type LiteralCheck func(literals []Value) (argument int, why string)

// CheckLiterals has the compiler ask check about calls of n by its imported name.
func (n *Native) CheckLiterals(check LiteralCheck) *Native {
	n.check = check
	return n
}

// RefuseLiterals is the native's LiteralCheck; one without a check takes all.
func (n *Native) RefuseLiterals(literals []Value) (argument int, why string) {
	if n.check == nil {
		return 0, ""
	}
	return n.check(literals)
}

// Class implements Value.
func (n *Native) Class() *Class {
	if n.owner != nil {
		return methodDescriptorClass
	}
	return builtinClass
}

// NewNative makes a native function whose arguments are bound to a signature such
// as "get(self, key, default=None, /)": fn finds one value for each parameter in
// a.Vals, nil for an omitted one whose default is empty ("key=").
func NewNative(signature string, fn NativeFunc) *Native {
	name, params, _ := strings.Cut(signature, "(")
	return &Native{Name: name, fn: fn, sig: NewSignature(name, strings.TrimSuffix(params, ")"))}
}

// NewRaw makes a native function that reads its arguments itself.
func NewRaw(name string, fn NativeFunc) *Native { return &Native{Name: name, fn: fn} }

// Signature binds arguments to the parameters of a native function.
type Signature struct {
	name     string
	params   []string
	defaults []Value // nil where required or "="
	required []bool
	posOnly  int
	npos     int
	clinic   bool // messages count as those of CPython's own C functions do
	method   bool // the first parameter is self, which messages do not count
}

// NewSignature reads a parameter list: names, `/`, `*` and defaults that are
// literals (None, True, False, integers, quoted strings) or empty.
func NewSignature(name, params string) *Signature {
	s := &Signature{name: name, npos: -1}
	for p := range strings.SplitSeq(params, ",") {
		p = strings.TrimSpace(p)
		switch p {
		case "":
			continue
		case "/":
			s.posOnly = len(s.params)
			continue
		case "*":
			s.npos = len(s.params)
			continue
		}
		pname, def, optional := strings.Cut(p, "=")
		s.params = append(s.params, pname)
		s.required = append(s.required, !optional)
		s.defaults = append(s.defaults, literal(def))
	}
	if s.npos < 0 {
		s.npos = len(s.params)
	}
	s.method = len(s.params) > 0 && s.params[0] == "self"
	if s.method {
		s.posOnly = max(s.posOnly, 1)
	}
	return s
}

func literal(text string) Value {
	switch text {
	case "":
		return nil
	case "None":
		return None
	case "True":
		return True
	case "False":
		return False
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return NewInt(n)
	}
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return Float(f)
	}
	return Str(strings.Trim(text, "'"))
}

// call checks the arguments and runs the function.
func (n *Native) call(th *Thread, a Args) (Value, error) {
	if n.owner != nil {
		if err := n.checkSelf(a); err != nil {
			return nil, err
		}
	}
	s := n.sig
	if s == nil {
		return n.enter(th, a)
	}
	if len(a.Names) == 0 && len(a.Vals) == len(s.params) && s.npos == len(s.params) {
		return n.enter(th, a)
	}
	vals := th.reserve(len(s.params))
	defer th.release(vals)
	if err := s.Bind(n.title(), a, vals); err != nil {
		return nil, err
	}
	return n.enter(th, Args{Vals: vals})
}

// enter bounds how deep natives call each other: with no function between them, nothing
// else would.
func (n *Native) enter(th *Thread, a Args) (Value, error) {
	if th.natives >= th.limits.Depth {
		return nil, Errorf(RecursionError, "maximum recursion depth exceeded")
	}
	th.natives++
	v, err := n.fn(th, a)
	th.natives--
	return v, err
}

// checkSelf refuses a method called through its class without a proper self.
func (n *Native) checkSelf(a Args) error {
	if a.NPos() == 0 {
		return Errorf(TypeError, "unbound method %s.%s() needs an argument", n.owner.Name, n.Name)
	}
	if c := a.Vals[0].Class(); n.owner != ObjectClass && c != n.owner && !c.Is(n.owner) {
		return Errorf(TypeError, "descriptor '%s' for '%s' objects doesn't apply to a '%s' object", n.Name, n.owner.Name, c.Name)
	}
	return nil
}

// title is how messages name the function.
func (n *Native) title() string {
	if n.owner == nil && n.module != "" && n.sig != nil && n.sig.posOnly == len(n.sig.params) {
		return n.module + "." + n.Name // as CPython names functions in C
	}
	return n.qualName()
}

// qualName is the __qualname__.
func (n *Native) qualName() string {
	if n.owner != nil {
		return n.full
	}
	return n.Name
}

// join makes n a method of c.
func (n *Native) join(c *Class) {
	n.owner, n.full = c, c.BareName()+"."+n.Name
}

// Bind fills vals, one for each parameter; its errors are CPython's.
func (s *Signature) Bind(title string, a Args, vals []Value) error {
	pos := a.Pos()
	if s.clinic && len(a.Vals) > len(s.params) {
		return s.clinicCount(title, len(a.Vals))
	}
	if len(pos) > s.npos {
		return s.countError(title, len(pos))
	}
	copy(vals, pos)
	for i, name := range a.Names {
		at := -1
		for j := s.posOnly; j < len(s.params); j++ {
			if s.params[j] == name {
				at = j
				break
			}
		}
		if at < 0 {
			if s.posOnly == len(s.params) {
				return Errorf(TypeError, "%s() takes no keyword arguments", title)
			}
			if s.clinic {
				return Errorf(TypeError, "'%s' is an invalid keyword argument for %s()", name, title)
			}
			return Errorf(TypeError, "%s() got an unexpected keyword argument '%s'", title, name)
		}
		if vals[at] != nil {
			if s.clinic {
				return Errorf(TypeError, "argument for %s() given by name ('%s') and position (%d)", title, name, at+1)
			}
			return Errorf(TypeError, "%s() got multiple values for argument '%s'", title, name)
		}
		vals[at] = a.Vals[len(pos)+i]
	}
	for i, v := range s.defaults {
		if vals[i] != nil {
			continue
		}
		if v == nil && s.required[i] {
			return s.missingError(title, len(pos), i, vals)
		}
		vals[i] = v
	}
	return nil
}

// bounds are the least and most positional arguments, self not counted.
func (s *Signature) bounds() (least, most int) {
	for i := range s.npos {
		if s.required[i] {
			least++
		}
	}
	most = s.npos
	if s.method {
		least--
		most--
	}
	return least, most
}

func (s *Signature) countError(title string, given int) error {
	least, most := s.bounds()
	if s.method {
		given--
	}
	switch {
	case s.posOnly < len(s.params) && most == 0:
		return Errorf(TypeError, "%s() takes no positional arguments", s.name)
	case s.clinic && s.posOnly < len(s.params):
		bound := "exactly"
		if least < most {
			bound = "at most"
		}
		return Errorf(TypeError, "%s() takes %s %d positional argument%s (%d given)", title, bound, most, plural(most), given)
	case s.posOnly < len(s.params) && least == most:
		return Errorf(TypeError, "%s() takes %d positional argument%s but %d %s given",
			title, s.npos, plural(s.npos), given+s.npos-most, wasWere(given+s.npos-most))
	case s.posOnly < len(s.params):
		return Errorf(TypeError, "%s() takes from %d to %d positional arguments but %d were given",
			title, least+s.npos-most, s.npos, given+s.npos-most)
	case most == 0:
		return Errorf(TypeError, "%s() takes no arguments (%d given)", title, given)
	case most == 1 && least == 1 && !s.clinic:
		return Errorf(TypeError, "%s() takes exactly one argument (%d given)", title, given)
	case least == most:
		return Errorf(TypeError, "%s expected %d argument%s, got %d", s.name, most, plural(most), given)
	}
	return Errorf(TypeError, "%s expected at most %d argument%s, got %d", s.name, most, plural(most), given)
}

// Clinic makes the messages those of functions that CPython has in C and that take
// keywords.
func (s *Signature) Clinic() *Signature {
	s.clinic = true
	return s
}

// clinicCount is the error for more arguments than parameters.
func (s *Signature) clinicCount(title string, given int) error {
	most := len(s.params)
	if s.posOnly == most {
		return s.countError(title, given)
	}
	return Errorf(TypeError, "%s() takes at most %d argument%s (%d given)", title, most, plural(most), given)
}

// missingError is about parameter missing, the first of those without a value.
func (s *Signature) missingError(title string, given, missing int, vals []Value) error {
	least, most := s.bounds()
	if s.method {
		given--
	}
	switch {
	case s.clinic && missing >= s.posOnly:
		return Errorf(TypeError, "%s() missing required argument '%s' (pos %d)", title, s.params[missing], missing+1)
	case missing >= s.posOnly && s.posOnly < len(s.params):
		kind, end := "positional", s.npos
		if missing >= s.npos {
			kind, end = "keyword-only", len(s.params)
		}
		var names []string
		for i := missing; i < end; i++ {
			if vals[i] == nil && s.required[i] {
				names = append(names, "'"+s.params[i]+"'")
			}
		}
		return errMissing(title, kind, names)
	case most == 1 && least == 1 && !s.clinic:
		return Errorf(TypeError, "%s() takes exactly one argument (%d given)", title, given)
	case least == most:
		return Errorf(TypeError, "%s expected %d argument%s, got %d", s.name, most, plural(most), given)
	}
	return Errorf(TypeError, "%s expected at least %d argument%s, got %d", s.name, least, plural(least), given)
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

func wasWere(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// String names the function in Go messages.
func (n *Native) String() string { return "native " + n.title() }
