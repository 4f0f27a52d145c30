package syntax

// An assigner is what a target is for.
type assigner uint8

const (
	assign assigner = iota
	loop
	remove
)

// loopTarget parses what stands between for and in.
func (p *parser) loopTarget() Expr {
	start := p.start()
	element := func() Expr { return p.binary(precedenceOr) }
	target := p.starOr(element)
	if p.at(",") {
		target = p.tupleFrom(start, target, element)
	}
	p.mustBeTarget(target, loop)
	return target
}

// mustBeTarget fails if nothing can be assigned to e.
func (p *parser) mustBeTarget(e Expr, use assigner) {
	bad := invalidTarget(e, use)
	if bad == nil {
		return
	}
	if use == remove {
		p.fail(bad, "cannot delete %s", describe(bad))
	}
	p.fail(bad, "cannot assign to %s", describe(bad))
}

// invalidTarget returns the part of e that cannot be a target, or nil.
func invalidTarget(e Expr, use assigner) Expr {
	switch e := e.(type) {
	case *Name, *Attribute, *Subscript:
		return nil
	case *Starred:
		if use != remove {
			return invalidTarget(e.Value, use)
		}
	case *List:
		return invalidElement(e.Elts, use)
	case *Tuple:
		return invalidElement(e.Elts, use)
	}
	return e
}

func invalidElement(elts []Expr, use assigner) Expr {
	for _, elt := range elts {
		if bad := invalidTarget(elt, use); bad != nil {
			return bad
		}
	}
	return nil
}

// describe names the kind of an expression as CPython does in messages.
func describe(e Expr) string {
	switch e := e.(type) {
	case *Attribute:
		return "attribute"
	case *Subscript:
		return "subscript"
	case *Starred:
		return "starred"
	case *Name:
		return "name"
	case *List:
		return "list"
	case *Tuple:
		return "tuple"
	case *Lambda:
		return "lambda"
	case *Call:
		return "function call"
	case *BoolOp, *BinaryExpr, *UnaryExpr:
		return "expression"
	case *GeneratorExp:
		return "generator expression"
	case *Yield, *YieldFrom:
		return "yield expression"
	case *Await:
		return "await expression"
	case *ListComp:
		return "list comprehension"
	case *SetComp:
		return "set comprehension"
	case *DictComp:
		return "dict comprehension"
	case *Dict:
		return "dict literal"
	case *Set:
		return "set display"
	case *JoinedStr, *FormattedValue:
		return "f-string expression"
	case *Constant:
		return describeConstant(e)
	case *Compare:
		return "comparison"
	case *IfExpr:
		return "conditional expression"
	case *NamedExpr:
		return "named expression"
	}
	return "expression"
}

func describeConstant(c *Constant) string {
	switch v := c.Value.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case Ellipsis:
		return "ellipsis"
	}
	return "literal"
}
