package syntax

// atom parses a name, a literal or something in brackets.
func (p *parser) atom() Expr {
	t := p.tok()
	switch t.kind {
	case name:
		return nameNode(p.next())
	case number:
		return p.numberLiteral(p.next())
	case stringLit, fstringStart:
		return p.strings()
	case word:
		switch t.text {
		case "None":
			return &Constant{p.next().Span, nil}
		case "True", "False":
			return &Constant{p.next().Span, t.text == "True"}
		case "...":
			return &Constant{p.next().Span, Ellipsis{}}
		case "(":
			defer p.nest()()
			return p.parenthesized()
		case "[":
			defer p.nest()()
			return p.list()
		case "{":
			defer p.nest()()
			return p.braces()
		}
	}
	p.unexpected()
	return nil
}

// parenthesized parses an expression in parentheses, a tuple or a generator.
func (p *parser) parenthesized() Expr {
	start := p.next().Start
	if p.eat(")") {
		return &Tuple{Span: p.since(start)}
	}
	if p.at("yield") {
		e := p.yield()
		p.want(")")
		return e
	}
	if t := p.tok(); t.is("**") {
		p.next()
		if p.try(func() { p.expression(); p.want(")") }) {
			p.fail(t, "cannot use double starred expression here")
		}
		p.i--
	}
	first := p.starOr(p.named)
	switch {
	case p.atComprehension():
		p.refuseStarred(first)
		generators := p.comprehensions()
		p.want(")")
		return &GeneratorExp{p.since(start), first, generators}
	case p.at(","):
		elts := p.elements(first, ")")
		p.want(")")
		return &Tuple{p.since(start), elts}
	}
	p.want(")")
	if s, ok := first.(*Starred); ok {
		p.fail(s, "cannot use starred expression here")
	}
	return first
}

// elements parses the rest of the elements of a display up to its end.
func (p *parser) elements(first Expr, end string) []Expr {
	elts := []Expr{first}
	for p.eat(",") && !p.at(end) {
		elts = append(elts, p.starOr(p.named))
	}
	if len(elts) > 1 && p.atComprehension() {
		at := cover(elts[0], elts[len(elts)-1])
		if p.tokens[p.i-1].is(",") {
			at.End = p.tokens[p.i-1].End
		}
		if end == ")" {
			p.unexpected()
		}
		p.fail(at, "did you forget parentheses around the comprehension target?")
	}
	return elts
}

func (p *parser) list() Expr {
	start := p.next().Start
	if p.eat("]") {
		return &List{Span: p.since(start)}
	}
	first := p.starOr(p.named)
	if p.atComprehension() {
		p.refuseStarred(first)
		generators := p.comprehensions()
		p.want("]")
		return &ListComp{p.since(start), first, generators}
	}
	elts := p.elements(first, "]")
	p.want("]")
	return &List{p.since(start), elts}
}

// braces parses a dict or set display or comprehension.
func (p *parser) braces() Expr {
	start := p.next().Start
	if p.eat("}") {
		return &Dict{Span: p.since(start)}
	}
	if p.at("**") {
		return p.dict(start, nil)
	}
	first := p.starOr(p.named)
	if p.at(":") {
		if _, starred := first.(*Starred); !starred {
			return p.dict(start, first)
		}
	}
	if p.atComprehension() {
		p.refuseStarred(first)
		generators := p.comprehensions()
		p.want("}")
		return &SetComp{p.since(start), first, generators}
	}
	elts := p.elements(first, "}")
	p.want("}")
	return &Set{p.since(start), elts}
}

// dict parses the rest of a dict whose first key is given; nil stands for `**`, which
// is then the next token.
func (p *parser) dict(start Pos, key Expr) Expr {
	d := &Dict{}
	for {
		if key == nil {
			stars := p.want("**")
			value := p.binary(precedenceOr)
			if p.atComprehension() && len(d.Keys) == 0 {
				p.fail(stars, "dict unpacking cannot be used in dict comprehension")
			}
			d.Keys, d.Values = append(d.Keys, nil), append(d.Values, value)
		} else {
			value := p.dictValue()
			if p.atComprehension() && len(d.Keys) == 0 {
				generators := p.comprehensions()
				p.want("}")
				return &DictComp{p.since(start), key, value, generators}
			}
			d.Keys, d.Values = append(d.Keys, key), append(d.Values, value)
		}
		if !p.eat(",") || p.at("}") {
			break
		}
		key = nil
		if !p.at("**") {
			key = p.expression()
			if !p.at(":") {
				p.missingComma()
				p.fail(p.tokens[p.i-1], "':' expected after dictionary key")
			}
		}
	}
	p.want("}")
	d.Span = p.since(start)
	return d
}

// dictValue parses `: value`.
func (p *parser) dictValue() Expr {
	colon := p.want(":")
	switch {
	case p.at("*"):
		p.fail(p.starOr(nil), "cannot use a starred expression in a dictionary value")
	case p.atAny("}", ","):
		p.fail(colon, "expression expected after dictionary key and ':'")
	}
	return p.expression()
}

func (p *parser) refuseStarred(e Expr) {
	if s, ok := e.(*Starred); ok {
		p.fail(s, "iterable unpacking cannot be used in comprehension")
	}
}

func (p *parser) atComprehension() bool {
	return p.at("for") || p.at("async") && p.ahead(1).is("for")
}

// comprehensions parses the clauses of a comprehension.
func (p *parser) comprehensions() []*Comprehension {
	var generators []*Comprehension
	for p.atComprehension() {
		start := p.start()
		async := p.eat("async")
		p.want("for")
		target := p.loopTarget()
		p.want("in")
		c := &Comprehension{Target: target, Iter: p.disjunction(), Async: async}
		for p.eat("if") {
			c.Ifs = append(c.Ifs, p.disjunction())
		}
		p.operand = nil // a comma was not forgotten behind a clause
		c.Span = p.since(start)
		generators = append(generators, c)
	}
	return generators
}

// arguments parses the arguments of a call, parentheses included.
func (p *parser) arguments() (args []Expr, keywords []*Keyword) {
	defer p.nest()()
	p.want("(")
	first := p.i
	var unpacked, misplaced bool // a ** was seen; a positional argument behind a keyword
	for !p.at(")") {
		start := p.tok()
		switch {
		case start.is("**"):
			p.next()
			value := p.expression()
			keywords = append(keywords, &Keyword{p.since(start.Start), "", value})
			unpacked = true
		case start.is("*"):
			if unpacked {
				p.fail(start, "iterable argument unpacking follows keyword argument unpacking")
			}
			p.next()
			value := p.expression()
			args = append(args, &Starred{p.since(start.Start), value})
			if p.atComprehension() {
				p.refuseStarred(args[len(args)-1])
			}
		case p.ahead(1).is("="):
			keywords = append(keywords, p.keyword())
		default:
			args = append(args, p.argument(p.i == first))
			misplaced = misplaced || len(keywords) > 0
		}
		if !p.eat(",") {
			break
		}
	}
	switch end := p.want(")"); {
	case misplaced && unpacked:
		p.fail(end, "positional argument follows keyword argument unpacking")
	case misplaced:
		p.fail(end, "positional argument follows keyword argument")
	}
	return args, keywords
}

// argument parses a positional argument. Only one that is the whole list may be a
// generator without parentheses of its own.
func (p *parser) argument(first bool) Expr {
	start, open := p.tok(), p.tokens[p.i-1].Start
	e := p.argumentValue(start)
	if !p.atComprehension() {
		return e
	}
	generators := p.comprehensions()
	if p.at(",") || !first {
		p.fail(p.since(start.Start), "Generator expression must be parenthesized")
	}
	// CPython counts the call's parentheses as the generator's.
	return &GeneratorExp{Span{open, p.tok().End}, e, generators}
}

// argumentValue parses the value of a positional argument, which starts at a token.
func (p *parser) argumentValue(start *token) Expr {
	if start.kind == name && p.ahead(1).is(":=") {
		return p.named()
	}
	e := p.expression()
	if p.at("=") {
		p.fail(Span{start.Start, p.tok().End}, "expression cannot contain assignment, perhaps you meant \"==\"?")
	}
	return e
}

// keyword parses `name=value`; the next token but one is the `=`.
func (p *parser) keyword() *Keyword {
	t := p.next()
	switch {
	case t.isAny("True", "False", "None"):
		p.fail(Span{t.Start, p.tok().End}, "cannot assign to %s", t.text)
	case t.kind != name:
		if t.kind == number || t.kind == stringLit {
			p.fail(Span{t.Start, p.tok().End}, "expression cannot contain assignment, perhaps you meant \"==\"?")
		}
		p.i--
		p.unexpected()
	}
	equals := p.next()
	value := p.expression()
	if p.atComprehension() {
		p.fail(cover(t, equals), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
	}
	return &Keyword{p.since(t.Start), identifier(t), value}
}
