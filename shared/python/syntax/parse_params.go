package syntax

// parameters parses the parameters of a function, up to end but without it. Those of a
// lambda have no annotations.
func (p *parser) parameters(end string, annotated bool) *Parameters {
	defer p.nest()()
	l := parameterList{parser: p, end: end, annotated: annotated, Parameters: &Parameters{}}
	for !p.at(end) {
		l.item()
		if !p.eat(",") {
			break
		}
	}
	if l.star != nil && l.VarArg == nil && len(l.KwOnly) == 0 {
		p.fail(l.star, "named arguments must follow bare *")
	}
	return l.Parameters
}

// A parameterList is one in the making.
type parameterList struct {
	*parser
	*Parameters
	end       string
	annotated bool
	star      *token // the * seen
	slash     bool   // a / was seen
	defaults  bool   // a positional parameter had a default
}

// item parses one parameter or marker.
func (l *parameterList) item() {
	if l.KwArg != nil {
		l.fail(l.tok(), "arguments cannot follow var-keyword argument")
	}
	switch t := l.tok(); {
	case l.eat("/"):
		l.positionalOnly(t)
	case l.eat("**"):
		l.KwArg = l.parameter(true)
		l.refuseDefault("var-keyword")
	case l.eat("*"):
		l.starItem(t)
	default:
		l.plain()
	}
}

func (l *parameterList) positionalOnly(at *token) {
	switch {
	case l.slash:
		l.fail(at, "/ may appear only once")
	case l.star != nil:
		l.fail(at, "/ must be ahead of *")
	case len(l.Args) == 0:
		l.fail(at, "invalid syntax")
	}
	l.slash = true
	l.PosOnly, l.Args = l.Args, nil
}

func (l *parameterList) starItem(at *token) {
	if l.star != nil {
		l.fail(at, "* argument may appear only once")
	}
	l.star = at
	if !l.atAny(",", l.end) {
		l.VarArg = l.parameter(true)
		l.refuseDefault("var-positional")
	}
}

func (l *parameterList) refuseDefault(which string) {
	if l.at("=") {
		l.fail(l.tok(), "%s argument cannot have default value", which)
	}
}

// plain parses a parameter with an optional default.
func (l *parameterList) plain() {
	if t := l.tok(); t.is("(") {
		l.parenthesizedParameter(t)
	}
	param := l.parameter(false)
	if l.eat("=") {
		if l.atAny(l.end, ",") {
			l.fail(l.tokens[l.i-1], "expected default value expression")
		}
		param.Default = l.expression()
	}
	if l.star != nil {
		l.KwOnly = append(l.KwOnly, param)
		return
	}
	if l.defaults && param.Default == nil {
		l.fail(param, "non-default argument follows default argument")
	}
	l.defaults = l.defaults || param.Default != nil
	l.Args = append(l.Args, param)
}

// parenthesizedParameter fails at parameters in parentheses, a habit of Python 2.
func (l *parameterList) parenthesizedParameter(open *token) {
	var e Expr
	if !l.try(func() { e = l.atom() }) || invalidTarget(e, assign) != nil {
		l.unexpected()
	}
	what := "Function"
	if !l.annotated {
		what = "Lambda expression"
	}
	l.fail(l.since(open.Start), "%s parameters cannot be parenthesized", what)
}

// parameter parses a name and its annotation.
func (l *parameterList) parameter(star bool) *Parameter {
	t := l.identifier()
	param := &Parameter{Name: identifier(t)}
	if l.annotated && l.eat(":") {
		if star {
			param.Annotation = l.starOr(l.expression)
		} else {
			param.Annotation = l.expression()
		}
	}
	param.Span = l.since(t.Start)
	return param
}
