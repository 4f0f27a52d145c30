package syntax

// block parses the body of a compound statement whose head, which starts at a token,
// has been passed up to and with its colon. What names the statement in messages.
func (p *parser) block(head *token, what string) []Stmt {
	defer p.nest()()
	if !p.atKind(newline) {
		return p.simpleStatements()
	}
	p.next()
	if !p.atKind(indent) {
		p.failIndentation(p.tok().Span, "expected an indented block after %s on line %d", what, head.Start.Line)
	}
	p.next()
	var body []Stmt
	for !p.atKind(dedent) && !p.atKind(endOfFile) {
		body = append(body, p.statement()...)
	}
	if p.atKind(dedent) {
		p.next()
	}
	return body
}

// spanTo returns the span from a place to the end of the last statement of the last
// body that is not empty.
func spanTo(start Pos, bodies ...[]Stmt) Span {
	var end Pos
	for _, body := range bodies {
		if len(body) > 0 {
			end = body[len(body)-1].Range().End
		}
	}
	return Span{start, end}
}

// ifStmt parses an if or elif with all that belongs to it.
func (p *parser) ifStmt(keyword string) Stmt {
	defer p.nest()()
	head := p.next()
	test := p.named()
	p.colon()
	body := p.block(head, "'"+keyword+"' statement")
	var orElse []Stmt
	if p.at("elif") {
		orElse = []Stmt{p.ifStmt("elif")}
	} else {
		orElse = p.elseBlock()
	}
	return &If{spanTo(head.Start, body, orElse), test, body, orElse}
}

// elseBlock parses an else clause, if one is next.
func (p *parser) elseBlock() []Stmt {
	if !p.at("else") {
		return nil
	}
	head := p.next()
	p.force(":")
	return p.block(head, "'else' statement")
}

func (p *parser) while() Stmt {
	head := p.next()
	test := p.named()
	p.colon()
	body := p.block(head, "'while' statement")
	orElse := p.elseBlock()
	return &While{spanTo(head.Start, body, orElse), test, body, orElse}
}

func (p *parser) forStmt(start Pos, async bool) Stmt {
	head := p.next()
	target := p.loopTarget()
	p.want("in")
	iter := p.expressions()
	p.colon()
	body := p.block(head, "'for' statement")
	orElse := p.elseBlock()
	return &For{spanTo(start, body, orElse), target, iter, body, orElse, async}
}

func (p *parser) with(start Pos, async bool) Stmt {
	head := p.next()
	var items []*WithItem
	switch {
	case p.namesInParentheses():
		items = p.parenthesizedItems()
	case !p.at("(") || !p.try(func() { items = p.parenthesizedItems() }):
		items = p.withItems(":")
	}
	p.colon()
	body := p.block(head, "'with' statement")
	return &With{spanTo(start, body), items, body, async}
}

// namesInParentheses reports whether parentheses are next that hold an `as`, which no
// expression does.
func (p *parser) namesInParentheses() bool {
	if !p.at("(") {
		return false
	}
	level := p.tok().level
	for n := 1; p.ahead(n).level >= level && !p.ahead(n).last(); n++ {
		if t := p.ahead(n); t.level == level && t.is("as") {
			return true
		}
	}
	return false
}

// parenthesizedItems parses with items in parentheses that end the statement's head.
func (p *parser) parenthesizedItems() []*WithItem {
	p.want("(")
	items := p.withItems(")")
	p.want(")")
	if !p.at(":") {
		p.unexpected()
	}
	return items
}

func (p *parser) withItems(end string) []*WithItem {
	var items []*WithItem
	for {
		start := p.start()
		item := &WithItem{Context: p.expression()}
		if p.eat("as") {
			item.Target = p.starOr(func() Expr { return p.binary(precedenceOr) })
			p.mustBeTarget(item.Target, assign)
		}
		item.Span = p.since(start)
		items = append(items, item)
		if !p.eat(",") || end == ")" && p.at(end) {
			return items
		}
	}
}

func (p *parser) tryStmt() Stmt {
	head := p.next()
	p.force(":")
	s := &Try{Body: p.block(head, "'try' statement")}
	for p.at("except") {
		s.Handlers = append(s.Handlers, p.handler())
	}
	if len(s.Handlers) > 0 {
		s.Else = p.elseBlock()
	}
	if p.at("finally") {
		head := p.next()
		p.force(":")
		s.Finally = p.block(head, "'finally' statement")
	}
	if len(s.Handlers) == 0 && s.Finally == nil {
		p.fail(p.tok(), "expected 'except' or 'finally' block")
	}
	s.Span = spanTo(head.Start, s.Body, s.Else, s.Finally)
	if s.Finally == nil && s.Else == nil {
		s.End = s.Handlers[len(s.Handlers)-1].End
	}
	return s
}

func (p *parser) handler() *ExceptHandler {
	head := p.next()
	h := &ExceptHandler{}
	if p.at("*") {
		p.fail(p.tok(), "except* is not supported; use except")
	}
	if !p.at(":") && !p.atKind(newline) {
		h.Type = p.expression()
		if p.at(",") {
			p.unparenthesizedTypes(h.Type)
		}
		if p.eat("as") {
			h.Name = identifier(p.identifier())
		}
	}
	p.colon()
	h.Body = p.block(head, "'except' statement")
	h.Span = spanTo(head.Start, h.Body)
	return h
}

// unparenthesizedTypes fails at `except A, B:`.
func (p *parser) unparenthesizedTypes(first Expr) {
	p.tupleFrom(first.Range().Start, first, p.expression)
	if p.eat("as") {
		p.identifier()
	}
	if p.at(":") {
		p.fail(p.since(first.Range().Start), "multiple exception types must be parenthesized")
	}
	p.unexpected()
}

func (p *parser) decorated() Stmt {
	var decorators []Expr
	for p.eat("@") {
		decorators = append(decorators, p.named())
		if !p.atKind(newline) {
			p.unexpected()
		}
		p.next()
	}
	switch {
	case p.at("def"):
		return p.function(p.start(), decorators, false)
	case p.at("class"):
		return p.class(decorators)
	case p.at("async") && p.ahead(1).is("def"):
		return p.async(decorators)
	}
	p.unexpected()
	return nil
}

// async parses a statement that begins with that word.
func (p *parser) async(decorators []Expr) Stmt {
	start := p.next().Start
	switch {
	case p.at("def"):
		return p.function(start, decorators, true)
	case p.at("for"):
		return p.forStmt(start, true)
	case p.at("with"):
		return p.with(start, true)
	}
	p.unexpected()
	return nil
}

func (p *parser) function(start Pos, decorators []Expr, async bool) Stmt {
	head := p.next()
	id := p.identifier()
	f := &FunctionDef{Name: identifier(id), NameSpan: id.Span, Decorators: decorators, Async: async}
	p.force("(")
	f.Params = p.parameters(")", true)
	p.want(")")
	if p.eat("->") {
		f.Returns = p.expression()
	}
	p.force(":")
	f.Body = p.block(head, "function definition")
	f.Span = spanTo(start, f.Body)
	return f
}

func (p *parser) class(decorators []Expr) Stmt {
	head := p.next()
	id := p.identifier()
	c := &ClassDef{Name: identifier(id), NameSpan: id.Span, Decorators: decorators}
	if p.at("(") {
		c.Bases, c.Keywords = p.arguments()
	}
	for _, k := range c.Keywords {
		if k.Name == "metaclass" {
			p.fail(k, "metaclasses are not supported; use a class decorator or a base class")
		}
	}
	p.colon()
	c.Body = p.block(head, "class definition")
	c.Span = spanTo(head.Start, c.Body)
	return c
}
