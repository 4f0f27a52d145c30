package syntax

// check refuses what the grammar allows but no program may contain, and notes which
// functions are generators. It panics with an *Error.
func check(m *Module) {
	c := &checker{mod: m}
	c.block(m.Body, &scope{module: true})
}

// A checker walks the tree. It keeps account of the depth, which a chain like
// a.b.c.d takes far without the parser nesting.
type checker struct {
	mod   *Module
	depth int
}

// A scope is what a node stands in: the module, a class, a function or a comprehension.
type scope struct {
	module    bool
	function  bool // or a comprehension
	async     bool
	loop      bool   // in a loop of this scope
	what      string // which comprehension it is, or ""
	generator *bool  // set when a yield is found; nil outside functions
}

func (c *checker) fail(at Node, format string, args ...any) {
	panic(NewError(c.mod, at.Range(), format, args...))
}

// node checks n and all below it.
func (c *checker) node(n Node, s *scope) {
	c.depth++
	defer func() { c.depth-- }()
	if c.depth > maxDepth {
		c.fail(n, "code is nested too deeply: more than %d levels", maxDepth)
	}
	switch n := n.(type) {
	case *FunctionDef:
		c.function(n, s)
	case *Lambda:
		c.lambda(n, s)
	case *ClassDef:
		c.class(n, s)
	case *For:
		c.forStmt(n, s)
	case *While:
		c.node(n.Test, s)
		c.loop(n.Body, s)
		c.block(n.Else, s)
	case *Try:
		c.handlers(n)
		c.children(n, s)
	case *ListComp:
		c.comprehension(n, "list comprehension", s, n.Generators, n.Elt)
	case *SetComp:
		c.comprehension(n, "set comprehension", s, n.Generators, n.Elt)
	case *DictComp:
		c.comprehension(n, "dict comprehension", s, n.Generators, n.Key, n.Value)
	case *GeneratorExp:
		c.comprehension(n, "generator expression", s, n.Generators, n.Elt)
	case *Tuple:
		c.elements(n.Elts, s)
	case *List:
		c.elements(n.Elts, s)
	case *Set:
		c.elements(n.Elts, s)
	case *Call:
		c.node(n.Func, s)
		c.arguments(n.Args, n.Keywords, s)
	case *Starred:
		c.fail(n, "can't use starred expression here")
	default:
		c.place(n, s)
		c.children(n, s)
	}
}

// elements checks expressions that may be starred.
func (c *checker) elements(elts []Expr, s *scope) {
	for _, e := range elts {
		c.element(e, s)
	}
}

func (c *checker) element(e Expr, s *scope) {
	if starred, ok := e.(*Starred); ok {
		e = starred.Value
	}
	c.node(e, s)
}

// arguments checks those of a call or a class.
func (c *checker) arguments(args []Expr, keywords []*Keyword, s *scope) {
	c.elements(args, s)
	for i, k := range keywords {
		for _, before := range keywords[:i] {
			if k.Name != "" && k.Name == before.Name {
				c.fail(k, "keyword argument repeated: %s", k.Name)
			}
		}
		c.node(k.Value, s)
	}
}

func (c *checker) children(n Node, s *scope) {
	Children(n, func(child Node) { c.node(child, s) })
}

func (c *checker) block(body []Stmt, s *scope) {
	for _, stmt := range body {
		c.node(stmt, s)
	}
}

func (c *checker) loop(body []Stmt, s *scope) {
	inside := *s
	inside.loop = true
	c.block(body, &inside)
}

func (c *checker) forStmt(n *For, s *scope) {
	if n.Async && !s.async {
		c.fail(n, "'async for' outside async function")
	}
	c.target(n.Target)
	c.node(n.Target, s)
	c.node(n.Iter, s)
	c.loop(n.Body, s)
	c.block(n.Else, s)
}

func (c *checker) function(n *FunctionDef, s *scope) {
	for _, d := range n.Decorators {
		c.node(d, s)
	}
	c.params(n.Params, s)
	if n.Returns != nil {
		c.node(n.Returns, s)
	}
	c.block(n.Body, &scope{function: true, async: n.Async, generator: &n.Generator})
	if n.Async && n.Generator {
		for _, stmt := range n.Body {
			c.noResult(stmt)
		}
	}
}

// noResult refuses a return of a value in an asynchronous generator.
func (c *checker) noResult(n Node) {
	switch n := n.(type) {
	case *FunctionDef, *ClassDef, Expr:
		return
	case *Return:
		if n.Value != nil {
			c.fail(n, "'return' with value in async generator")
		}
	}
	Children(n, c.noResult)
}

func (c *checker) lambda(n *Lambda, s *scope) {
	c.params(n.Params, s)
	c.node(n.Body, &scope{function: true, generator: &n.Generator})
}

// params checks parameters; annotations and defaults belong to the scope around.
func (c *checker) params(ps *Parameters, s *scope) {
	seen := make(map[string]bool)
	for _, param := range ps.All() {
		if seen[param.Name] {
			c.fail(param, "duplicate argument '%s' in function definition", param.Name)
		}
		seen[param.Name] = true
		if param.Default != nil {
			c.node(param.Default, s)
		}
		if param.Annotation != nil {
			c.element(param.Annotation, s)
		}
	}
}

func (c *checker) class(n *ClassDef, s *scope) {
	for _, d := range n.Decorators {
		c.node(d, s)
	}
	c.arguments(n.Bases, n.Keywords, s)
	c.block(n.Body, &scope{})
}

// handlers refuses a bare except that is not the last.
func (c *checker) handlers(n *Try) {
	for i, h := range n.Handlers {
		if h.Type == nil && i < len(n.Handlers)-1 {
			c.fail(h, "default 'except:' must be last")
		}
	}
}

// comprehension checks one; only its first iterable belongs to the scope around.
func (c *checker) comprehension(n Node, what string, s *scope, generators []*Comprehension, elts ...Expr) {
	inside := &scope{function: true, async: s.async, what: what}
	c.node(generators[0].Iter, s)
	for i, g := range generators {
		if g.Async && !s.async {
			c.fail(n, "asynchronous comprehension outside of an asynchronous function")
		}
		c.target(g.Target)
		c.node(g.Target, inside)
		if i > 0 {
			c.node(g.Iter, inside)
		}
		for _, cond := range g.Ifs {
			c.node(cond, inside)
		}
	}
	for _, e := range elts {
		c.node(e, inside)
	}
}

// place checks that a node may stand in its scope.
func (c *checker) place(n Node, s *scope) {
	switch n := n.(type) {
	case *Return:
		if !s.function {
			c.fail(n, "'return' outside function")
		}
	case *Yield:
		c.yield(n, s)
	case *YieldFrom:
		if s.async {
			c.fail(n, "'yield from' inside async function")
		}
		c.yield(n, s)
	case *Await:
		if !s.function {
			c.fail(n, "'await' outside function")
		}
		if !s.async {
			c.fail(n, "'await' outside async function")
		}
	case *With:
		if n.Async && !s.async {
			c.fail(n, "'async with' outside async function")
		}
		for _, item := range n.Items {
			c.target(item.Target)
		}
	case *Assign:
		for _, t := range n.Targets {
			c.target(t)
		}
	case *Break:
		if !s.loop {
			c.fail(n, "'break' outside loop")
		}
	case *Continue:
		if !s.loop {
			c.fail(n, "'continue' not properly in loop")
		}
	case *Nonlocal:
		if s.module {
			c.fail(n, "nonlocal declaration not allowed at module level")
		}
	}
}

func (c *checker) yield(n Node, s *scope) {
	switch {
	case s.what != "":
		c.fail(n, "'yield' inside %s", s.what)
	case s.generator == nil:
		c.fail(n, "'yield' outside function")
	}
	*s.generator = true
}

// target refuses a starred target outside a list or tuple, or two inside one. A nil target is none.
func (c *checker) target(e Expr) {
	if starred, ok := e.(*Starred); ok {
		c.fail(starred, "starred assignment target must be in a list or tuple")
	}
	c.unpacking(e)
}

// unpacking refuses more than one starred target in a list or tuple.
func (c *checker) unpacking(e Expr) {
	var elts []Expr
	switch e := e.(type) {
	case *Tuple:
		elts = e.Elts
	case *List:
		elts = e.Elts
	}
	stars := 0
	for _, elt := range elts {
		if starred, ok := elt.(*Starred); ok {
			stars++
			elt = starred.Value
		}
		c.unpacking(elt)
	}
	if stars > 1 {
		c.fail(e, "multiple starred expressions in assignment")
	}
}
