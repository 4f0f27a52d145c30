package syntax

// expressions parses one expression or, with commas, a tuple without parentheses.
// Starred ones are allowed: the checks say where they make sense.
func (p *parser) expressions() Expr {
	start := p.start()
	first := p.starOr(p.expression)
	if !p.at(",") {
		return first
	}
	return p.tupleFrom(start, first, p.expression)
}

// tupleFrom parses what follows the first element of a tuple, up to something that
// cannot be an element.
func (p *parser) tupleFrom(start Pos, first Expr, element func() Expr) *Tuple {
	elts := []Expr{first}
	for p.eat(",") {
		if !p.startsExpression() && !p.at("*") {
			break
		}
		elts = append(elts, p.starOr(element))
	}
	return &Tuple{p.since(start), elts}
}

// starOr parses `*` and an operand of |, or else what element parses.
func (p *parser) starOr(element func() Expr) Expr {
	start := p.start()
	if !p.eat("*") {
		return element()
	}
	value := p.binary(precedenceOr)
	return &Starred{p.since(start), value}
}

// named parses an expression that may be `name := value`. Where one is allowed,
// a lone `=` is a comparison or a walrus gone wrong.
func (p *parser) named() Expr {
	start := p.tok()
	if start.kind == name && p.ahead(1).is(":=") {
		target := nameNode(p.next())
		p.next()
		value := p.expression()
		return &NamedExpr{p.since(start.Start), target, value}
	}
	e := p.expression()
	switch {
	case p.at(":="):
		p.fail(e, "cannot use assignment expressions with %s", describe(e))
	case p.at("="):
		p.strayAssign(e)
		p.unexpected()
	}
	return e
}

// strayAssign fails at the `=` behind e if a comparison seems to be meant.
func (p *parser) strayAssign(e Expr) {
	switch e := e.(type) {
	case *List, *Tuple, *GeneratorExp, *BoolOp, *Compare, *IfExpr, *Lambda, *Starred:
		return
	case *Constant:
		if _, isBool := e.Value.(bool); isBool || e.Value == nil {
			return
		}
	}
	i := p.i
	p.next()
	var value Expr
	if !p.try(func() { value = p.binary(precedenceOr) }) || p.atAny("=", ":=") {
		p.i = i
		return
	}
	if _, ok := e.(*Name); ok {
		p.fail(cover(e, value), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
	}
	p.fail(e, "cannot assign to %s here. Maybe you meant '==' instead of '='?", describe(e))
}

// expression parses a lambda, a conditional expression or anything that binds tighter.
func (p *parser) expression() Expr {
	defer p.nest()()
	if p.at("lambda") {
		return p.lambda()
	}
	start := p.start()
	body := p.disjunction()
	if !p.eat("if") {
		return body
	}
	test := p.disjunction()
	if !p.at("else") {
		if !p.at(":") {
			p.fail(Span{start, test.Range().End}, "expected 'else' after 'if' expression")
		}
		p.unexpected()
	}
	p.next()
	orElse := p.expression()
	return &IfExpr{p.since(start), test, body, orElse}
}

func (p *parser) lambda() Expr {
	start := p.next().Start
	params := p.parameters(":", false)
	p.want(":")
	body := p.expression()
	return &Lambda{Span: p.since(start), Params: params, Body: body}
}

// disjunction parses `or` and all that binds tighter.
func (p *parser) disjunction() Expr {
	e := p.boolOp("or", func() Expr { return p.boolOp("and", p.not) })
	p.operand, p.after = e, p.i
	return e
}

func (p *parser) boolOp(op string, operand func() Expr) Expr {
	start := p.start()
	first := operand()
	if !p.at(op) {
		return first
	}
	values := []Expr{first}
	for p.eat(op) {
		values = append(values, operand())
	}
	return &BoolOp{p.since(start), op == "or", values}
}

func (p *parser) not() Expr {
	start := p.start()
	if !p.eat("not") {
		return p.comparison()
	}
	defer p.nest()()
	operand := p.not()
	return &UnaryExpr{p.since(start), Not, operand}
}

func (p *parser) comparison() Expr {
	start := p.start()
	left := p.binary(precedenceOr)
	var ops []CompareOperator
	var comparators []Expr
	for {
		op, ok := p.compareOperator()
		if !ok {
			break
		}
		ops = append(ops, op)
		comparators = append(comparators, p.binary(precedenceOr))
	}
	if ops == nil {
		return left
	}
	return &Compare{p.since(start), left, ops, comparators}
}

// compareOperator passes a comparison operator, if one is next.
func (p *parser) compareOperator() (CompareOperator, bool) {
	for op := Eq; op <= In; op++ {
		if op != IsNot && p.eat(op.String()) {
			if op == Is && p.eat("not") {
				return IsNot, true
			}
			return op, true
		}
	}
	if p.at("not") && p.ahead(1).is("in") {
		p.next()
		p.next()
		return NotIn, true
	}
	return 0, false
}

// Binding strength of the binary operators but **, the weakest first.
const (
	precedenceOr = iota + 1
	precedenceXor
	precedenceAnd
	precedenceShift
	precedenceSum
	precedenceProduct
)

// binaryOperator returns the operator t is and how strongly it binds, 0 when it is none.
func binaryOperator(t *token) (op BinaryOperator, precedence int) {
	if t.kind != word {
		return 0, 0
	}
	switch t.text {
	case "|":
		return BitOr, precedenceOr
	case "^":
		return BitXor, precedenceXor
	case "&":
		return BitAnd, precedenceAnd
	case "<<":
		return LShift, precedenceShift
	case ">>":
		return RShift, precedenceShift
	case "+":
		return Add, precedenceSum
	case "-":
		return Sub, precedenceSum
	case "*":
		return Mult, precedenceProduct
	case "/":
		return Div, precedenceProduct
	case "//":
		return FloorDiv, precedenceProduct
	case "%":
		return Mod, precedenceProduct
	case "@":
		return MatMult, precedenceProduct
	}
	return 0, 0
}

// binary parses operators that bind at least as strongly as least.
func (p *parser) binary(least int) Expr {
	start := p.start()
	left := p.unary()
	for {
		op, precedence := binaryOperator(p.tok())
		if precedence < least {
			return left
		}
		p.next()
		right := p.binary(precedence + 1)
		left = &BinaryExpr{p.since(start), op, left, right}
	}
}

func (p *parser) unary() Expr {
	start := p.start()
	var op UnaryOperator
	switch {
	case p.at("-"):
		op = USub
	case p.at("+"):
		op = UAdd
	case p.at("~"):
		op = Invert
	default:
		return p.power()
	}
	defer p.nest()()
	p.next()
	operand := p.unary()
	return &UnaryExpr{p.since(start), op, operand}
}

func (p *parser) power() Expr {
	start := p.start()
	base := p.await()
	if !p.eat("**") {
		return base
	}
	defer p.nest()()
	exponent := p.unary()
	return &BinaryExpr{p.since(start), Pow, base, exponent}
}

func (p *parser) await() Expr {
	start := p.start()
	if !p.eat("await") {
		return p.primary()
	}
	value := p.primary()
	return &Await{p.since(start), value}
}

// primary parses an atom with the attributes, calls and subscripts that follow it.
func (p *parser) primary() Expr {
	start := p.start()
	e := p.atom()
	for {
		switch {
		case p.eat("."):
			attr := p.identifier()
			e = &Attribute{p.since(start), e, identifier(attr)}
		case p.at("("):
			args, keywords := p.arguments()
			e = &Call{p.since(start), e, args, keywords}
		case p.eat("["):
			index := p.index()
			p.want("]")
			e = &Subscript{p.since(start), e, index}
		default:
			return e
		}
	}
}

// index parses what stands between the brackets of a subscript.
func (p *parser) index() Expr {
	start := p.start()
	first := p.starOr(p.slice)
	if _, starred := first.(*Starred); !p.at(",") && !starred {
		return first
	}
	elts := []Expr{first}
	for p.eat(",") && !p.at("]") {
		elts = append(elts, p.starOr(p.slice))
	}
	return &Tuple{p.since(start), elts}
}

func (p *parser) slice() Expr {
	start := p.start()
	part := func() Expr {
		if p.atAny(":", "]", ",") {
			return nil
		}
		return p.expression()
	}
	var lower Expr
	if !p.at(":") {
		lower = p.named()
		if !p.at(":") {
			return lower
		}
	}
	p.want(":")
	upper := part()
	var step Expr
	if p.eat(":") {
		step = part()
	}
	return &Slice{p.since(start), lower, upper, step}
}

// yield parses a yield expression.
func (p *parser) yield() Expr {
	start := p.next().Start
	if p.eat("from") {
		value := p.expression()
		return &YieldFrom{p.since(start), value}
	}
	if !p.startsExpression() && !p.at("*") {
		return &Yield{Span: p.since(start)}
	}
	value := p.expressions()
	return &Yield{p.since(start), value}
}

// yieldOr parses a yield expression, or else expressions.
func (p *parser) yieldOrExpressions() Expr {
	if p.at("yield") {
		return p.yield()
	}
	return p.expressions()
}

// cover returns the span from the start of one node to the end of another.
func cover(from, to Node) Span { return Span{from.Range().Start, to.Range().End} }
