package syntax

import "strings"

// statement parses a compound statement, or a line of simple ones.
func (p *parser) statement() []Stmt {
	t := p.tok()
	if t.kind == word {
		switch t.text {
		case "if":
			return []Stmt{p.ifStmt("if")}
		case "while":
			return []Stmt{p.while()}
		case "for":
			return []Stmt{p.forStmt(t.Start, false)}
		case "try":
			return []Stmt{p.tryStmt()}
		case "with":
			return []Stmt{p.with(t.Start, false)}
		case "def":
			return []Stmt{p.function(t.Start, nil, false)}
		case "class":
			return []Stmt{p.class(nil)}
		case "async":
			return []Stmt{p.async(nil)}
		case "@":
			return []Stmt{p.decorated()}
		}
	}
	p.refuseMatch()
	return p.simpleStatements()
}

// refuseMatch fails at a match statement. Its word is also an ordinary name.
func (p *parser) refuseMatch() {
	t := p.tok()
	if t.kind != name || t.text != "match" || !p.ahead(1).is("*") && !startsExpression(p.ahead(1)) {
		return
	}
	n := 1
	for p.ahead(n).kind != newline && !p.ahead(n).last() {
		n++
	}
	if p.ahead(n-1).is(":") && p.ahead(n+1).kind == indent && p.ahead(n+2).text == "case" {
		p.fail(t, "the match statement is not supported; use if and elif")
	}
}

// simpleStatements parses statements separated by semicolons, up to the line's end.
func (p *parser) simpleStatements() []Stmt {
	var out []Stmt
	for {
		p.operand = nil
		out = append(out, p.simpleStatement())
		if !p.eat(";") || p.atKind(newline) {
			break
		}
	}
	if !p.atKind(newline) {
		p.legacyStatement(out[len(out)-1])
		p.unexpected()
	}
	p.next()
	return out
}

// legacyStatement fails at the print and exec statements of Python 2.
func (p *parser) legacyStatement(s Stmt) {
	e, ok := s.(*ExprStmt)
	if !ok {
		return
	}
	n, ok := e.Value.(*Name)
	if !ok || n.ID != "print" && n.ID != "exec" {
		return
	}
	var rest Expr
	if p.try(func() { rest = p.expressions() }) {
		p.fail(cover(n, rest), "Missing parentheses in call to '%s'. Did you mean %s(...)?", n.ID, n.ID)
	}
}

func (p *parser) simpleStatement() Stmt {
	t := p.tok()
	if t.kind == word {
		switch t.text {
		case "pass":
			return &Pass{p.next().Span}
		case "break":
			return &Break{p.next().Span}
		case "continue":
			return &Continue{p.next().Span}
		case "return":
			return p.returnStmt()
		case "raise":
			return p.raise()
		case "global":
			p.next()
			names := p.names()
			return &Global{p.since(t.Start), names}
		case "nonlocal":
			p.next()
			names := p.names()
			return &Nonlocal{p.since(t.Start), names}
		case "del":
			return p.del()
		case "assert":
			return p.assert()
		case "import":
			return p.importStmt()
		case "from":
			return p.importFrom()
		}
	}
	return p.expressionStatement()
}

// endOfStatement reports whether a simple statement may end here.
func (p *parser) endOfStatement() bool { return p.atKind(newline) || p.at(";") }

func (p *parser) returnStmt() Stmt {
	start := p.next().Start
	if p.endOfStatement() {
		return &Return{Span: p.since(start)}
	}
	value := p.expressions()
	return &Return{p.since(start), value}
}

func (p *parser) raise() Stmt {
	start := p.next().Start
	if p.endOfStatement() {
		return &Raise{Span: p.since(start)}
	}
	exc := p.expression()
	var cause Expr
	if p.eat("from") {
		cause = p.expression()
	}
	return &Raise{p.since(start), exc, cause}
}

func (p *parser) names() []string {
	names := []string{identifier(p.identifier())}
	for p.eat(",") {
		names = append(names, identifier(p.identifier()))
	}
	return names
}

func (p *parser) del() Stmt {
	start := p.next().Start
	list := []Expr{p.deleteTarget()}
	for p.eat(",") && !p.endOfStatement() {
		list = append(list, p.deleteTarget())
	}
	return &Delete{p.since(start), list}
}

func (p *parser) deleteTarget() Expr {
	target := p.starOr(p.expression)
	p.mustBeTarget(target, remove)
	return target
}

func (p *parser) assert() Stmt {
	start := p.next().Start
	test := p.expression()
	var msg Expr
	if p.eat(",") {
		msg = p.expression()
	}
	return &Assert{p.since(start), test, msg}
}

func (p *parser) importStmt() Stmt {
	start := p.next().Start
	var names []*Alias
	for {
		at := p.start()
		module := p.dottedName()
		names = append(names, p.alias(at, module))
		if !p.eat(",") {
			return &Import{p.since(start), names}
		}
	}
}

func (p *parser) dottedName() string {
	parts := []string{identifier(p.identifier())}
	for p.eat(".") {
		parts = append(parts, identifier(p.identifier()))
	}
	return strings.Join(parts, ".")
}

// alias parses the `as` part behind an imported name.
func (p *parser) alias(start Pos, imported string) *Alias {
	a := &Alias{Name: imported}
	if p.eat("as") {
		a.AsName = identifier(p.identifier())
	}
	a.Span = p.since(start)
	return a
}

func (p *parser) importFrom() Stmt {
	stmt := &ImportFrom{}
	start := p.next().Start
	for p.atAny(".", "...") {
		stmt.Level += len(p.next().text)
	}
	if stmt.Level == 0 || !p.at("import") {
		stmt.Module = p.dottedName()
	}
	p.want("import")
	if p.at("*") {
		p.fail(p.tok(), "import * is not supported; name what you import")
	}
	open := p.eat("(")
	for {
		at := p.tok()
		stmt.Names = append(stmt.Names, p.alias(at.Start, identifier(p.identifier())))
		if !p.eat(",") {
			break
		}
		if open && p.at(")") {
			break
		}
		if !open && p.atKind(newline) {
			p.fail(p.tok(), "trailing comma not allowed without surrounding parentheses")
		}
	}
	if open {
		p.want(")")
	}
	stmt.Span = p.since(start)
	return stmt
}

// expressionStatement parses an expression and all that may follow one in a
// statement: an annotation, an augmented assignment, an assignment.
func (p *parser) expressionStatement() Stmt {
	start := p.tok()
	first := p.yieldOrExpressions()
	switch {
	case p.at(":"):
		return p.annotated(start, first)
	case p.at("="):
		return p.assignment(start.Start, first)
	case p.tok().kind == word && strings.HasSuffix(p.tok().text, "=") && !p.atAny("==", "!=", "<=", ">=", ":="):
		return p.augmented(start.Start, first)
	}
	return &ExprStmt{p.since(start.Start), first}
}

func (p *parser) annotated(start *token, target Expr) Stmt {
	switch target.(type) {
	case *Name, *Attribute, *Subscript:
	case *List, *Tuple:
		if p.annotationFollows() {
			p.fail(target, "only single target (not %s) can be annotated", describe(target))
		}
		p.unexpected()
	default:
		if p.annotationFollows() {
			p.fail(target, "illegal target for annotation")
		}
		p.unexpected()
	}
	p.next()
	_, isName := target.(*Name)
	s := &AnnAssign{Target: target, Annotation: p.expression(), Simple: isName && start.kind == name}
	if p.eat("=") {
		s.Value = p.yieldOrExpressions()
	}
	s.Span = p.since(start.Start)
	return s
}

// annotationFollows reports whether a colon and an expression are next; it passes nothing.
func (p *parser) annotationFollows() bool {
	i := p.i
	defer func() { p.i = i }()
	p.next()
	return p.try(func() { p.expression() })
}

func (p *parser) assignment(start Pos, first Expr) Stmt {
	values := []Expr{first}
	for p.at("=") {
		target := values[len(values)-1]
		switch target.(type) {
		case *Yield, *YieldFrom:
			p.fail(target, "assignment to yield expression not possible")
		}
		if bad := invalidTarget(target, assign); bad != nil {
			if bad == first {
				p.strayAssign(first)
			}
			p.mustBeTarget(target, assign)
		}
		p.next()
		values = append(values, p.yieldOrExpressions())
	}
	n := len(values) - 1
	return &Assign{p.since(start), values[:n], values[n]}
}

func (p *parser) augmented(start Pos, target Expr) Stmt {
	switch target.(type) {
	case *Name, *Attribute, *Subscript:
	default:
		p.fail(target, "'%s' is an illegal expression for augmented assignment", describe(target))
	}
	t := p.next()
	op, ok := augmentedOperator(strings.TrimSuffix(t.text, "="))
	if !ok {
		p.i--
		p.unexpected()
	}
	value := p.yieldOrExpressions()
	return &AugAssign{p.since(start), target, op, value}
}

// augmentedOperator returns the binary operator written s.
func augmentedOperator(s string) (BinaryOperator, bool) {
	for op := Add; op <= FloorDiv; op++ {
		if op.String() == s {
			return op, true
		}
	}
	return 0, false
}
