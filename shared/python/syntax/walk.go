package syntax

// Children calls visit for each node directly below n, in source order.
func Children(n Node, visit func(Node)) {
	w := walker(visit)
	if _, ok := n.(Stmt); ok {
		w.stmt(n)
		return
	}
	if _, ok := n.(Expr); ok {
		w.expr(n)
		return
	}
	switch n := n.(type) {
	case *Parameter:
		w.one(n.Annotation)
		w.one(n.Default)
	case *Keyword:
		w.one(n.Value)
	case *WithItem:
		w.one(n.Context)
		w.one(n.Target)
	case *ExceptHandler:
		w.one(n.Type)
		w.block(n.Body)
	case *Comprehension:
		w.one(n.Target)
		w.one(n.Iter)
		w.all(n.Ifs)
	}
}

// All returns the parameters in the order of the source.
func (ps *Parameters) All() []*Parameter {
	all := make([]*Parameter, 0, len(ps.PosOnly)+len(ps.Args)+len(ps.KwOnly)+2)
	all = append(append(all, ps.PosOnly...), ps.Args...)
	if ps.VarArg != nil {
		all = append(all, ps.VarArg)
	}
	all = append(all, ps.KwOnly...)
	if ps.KwArg != nil {
		all = append(all, ps.KwArg)
	}
	return all
}

// A walker visits the children of a node.
type walker func(Node)

func (w walker) one(e Expr) {
	if e != nil {
		w(e)
	}
}

func (w walker) all(list []Expr) {
	for _, e := range list {
		w.one(e)
	}
}

func (w walker) block(list []Stmt) {
	for _, s := range list {
		w(s)
	}
}

func (w walker) params(ps *Parameters) {
	for _, param := range ps.All() {
		w(param)
	}
}

func (w walker) keywords(list []*Keyword) {
	for _, k := range list {
		w(k)
	}
}

func (w walker) aliases(list []*Alias) {
	for _, a := range list {
		w(a)
	}
}

func (w walker) generators(list []*Comprehension) {
	for _, c := range list {
		w(c)
	}
}

func (w walker) stmt(n Node) {
	switch n := n.(type) {
	case *FunctionDef:
		w.all(n.Decorators)
		w.params(n.Params)
		w.one(n.Returns)
		w.block(n.Body)
	case *ClassDef:
		w.all(n.Decorators)
		w.all(n.Bases)
		w.keywords(n.Keywords)
		w.block(n.Body)
	case *Return:
		w.one(n.Value)
	case *Delete:
		w.all(n.Targets)
	case *Assign:
		w.all(n.Targets)
		w.one(n.Value)
	case *AugAssign:
		w.one(n.Target)
		w.one(n.Value)
	case *AnnAssign:
		w.one(n.Target)
		w.one(n.Annotation)
		w.one(n.Value)
	case *For:
		w.one(n.Target)
		w.one(n.Iter)
		w.block(n.Body)
		w.block(n.Else)
	case *While:
		w.one(n.Test)
		w.block(n.Body)
		w.block(n.Else)
	case *If:
		w.one(n.Test)
		w.block(n.Body)
		w.block(n.Else)
	case *With:
		for _, item := range n.Items {
			w(item)
		}
		w.block(n.Body)
	case *Raise:
		w.one(n.Exc)
		w.one(n.Cause)
	case *Try:
		w.block(n.Body)
		for _, h := range n.Handlers {
			w(h)
		}
		w.block(n.Else)
		w.block(n.Finally)
	case *Assert:
		w.one(n.Test)
		w.one(n.Msg)
	case *ExprStmt:
		w.one(n.Value)
	case *Import:
		w.aliases(n.Names)
	case *ImportFrom:
		w.aliases(n.Names)
	}
}

func (w walker) expr(n Node) {
	switch n := n.(type) {
	case *BoolOp:
		w.all(n.Values)
	case *NamedExpr:
		w(n.Target)
		w.one(n.Value)
	case *BinaryExpr:
		w.one(n.Left)
		w.one(n.Right)
	case *UnaryExpr:
		w.one(n.Operand)
	case *IfExpr:
		w.one(n.Body)
		w.one(n.Test)
		w.one(n.Else)
	case *Lambda:
		w.params(n.Params)
		w.one(n.Body)
	case *Dict:
		for i := range n.Values {
			w.one(n.Keys[i])
			w.one(n.Values[i])
		}
	case *Set:
		w.all(n.Elts)
	case *ListComp:
		w.one(n.Elt)
		w.generators(n.Generators)
	case *SetComp:
		w.one(n.Elt)
		w.generators(n.Generators)
	case *DictComp:
		w.one(n.Key)
		w.one(n.Value)
		w.generators(n.Generators)
	case *GeneratorExp:
		w.one(n.Elt)
		w.generators(n.Generators)
	default:
		w.operand(n)
	}
}

// operand visits the expressions that are not operators or displays.
func (w walker) operand(n Node) {
	switch n := n.(type) {
	case *Await:
		w.one(n.Value)
	case *Yield:
		w.one(n.Value)
	case *YieldFrom:
		w.one(n.Value)
	case *Compare:
		w.one(n.Left)
		w.all(n.Comparators)
	case *Call:
		w.one(n.Func)
		w.all(n.Args)
		w.keywords(n.Keywords)
	case *JoinedStr:
		w.all(n.Values)
	case *FormattedValue:
		w.one(n.Value)
		if n.Spec != nil {
			w(n.Spec)
		}
	case *Attribute:
		w.one(n.Value)
	case *Subscript:
		w.one(n.Value)
		w.one(n.Index)
	case *Slice:
		w.one(n.Lower)
		w.one(n.Upper)
		w.one(n.Step)
	case *Starred:
		w.one(n.Value)
	case *List:
		w.all(n.Elts)
	case *Tuple:
		w.all(n.Elts)
	}
}
