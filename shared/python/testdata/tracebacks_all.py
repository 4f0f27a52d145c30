import traceback
def a(x):
    assert x == 1
def b(x):
    assert x == 1, "msg"
def c(x):
    raise ValueError("a")
def d(x):
    return x.foo + 1
def e(x):
    return 1 + x["a"]
def g(x):
    for i in x: pass
def h(x):
    a, b = x
def i(x):
    x.foo(1,
       2)
def j(x):
    y = undefined_name + 1
def k(x):
    x.y = 3
def l(x):
    x[0] = 3
def m(x):
    del x[0]
def n(x):
    with x: pass
def o(x):
    x.foo(1).bar(2)
def p(x):
    print(f"{x.foo}")
def q(x):
    x += "a"
def r(x):
    return (1 +
      x)
def s(x):
    return not (x < "a")
def t(x):
    return -x.zzz + 3
def u(x):
    return [y.foo for y in [1]]
def v(x):
    return len(x)
def w(x):
    return x(1)(2)
def xx(x):
    return x.a.b.c
def y(x):
    raise ValueError("a") from KeyError(1)
def z(x):
    return -[1]
def aa(x):
    return {**x}
def ab(x):
    return g(*x)
def ac(x):
    print(zz); zz = 1
def ad(x):
    a, b = yy = x
def ae(x):
    assert (x == 1 and
       x == 2)
def af(x):
    return f"{x:>q}" + "a"
def ag(x):
    return [1][5:"a"]
def ah(x):
    if x.foo: pass
def ai(x):
    return x < "a" < 3
def aj(x):
    return (x)["a"] + ( "b" )
def ak(x):
    é = (x)["ü"] + ( "b" )

def al(x):
    x.a.b = 5
def am(x):
    x["a"]["b"] = 5
def an(x):
    (x
     .foo)
def ao(x):
    return [i for i in x]
def ap(x):
    return {k: v.z for k, v in [(1, 2)]}
def aq(x):
    return list(y.q for y in [1])
def ar(x):
    return sorted([3, "a"], key=lambda v: v + 1)
def at(x):
    with open_missing as q, x as z:
        pass
def au(x):
    for i in x.items():
        pass
def av(x):
    while x.foo:
        pass
def aw(x):
    return x if x.y else 3
def ax(x):
    return x.y or 3
def ay(x):
    assert x.foo == 3
def az(x):
    assert not x, "a" + x
def ba(x):
    assert x == 1 or x == 2
def bb(x):
    assert isinstance(x, str)
def bc(x):
    assert x in (1, 2), f"got {x}"
def bd(x):
    raise ValueError("multi "
                     "line")
def be(x):
    return x + (
        "a")
def bf(x):
    lambda_ = lambda q: q.foo
    return lambda_(x)
def bg(x):
    class C:
        z = x.foo
def bh(x):
    class C(x):
        pass
def bi(x):
    @x
    def inner(): pass
def bj(x):
    def inner(a=x.foo): pass
def bk(x):
    return x[1:2]
def bl(x):
    return (x.a, x.b)
def bm(x):
    return {"a": x.foo, "b": 1}
def bn(x):
    return f"{x!r:>{x.w}}"
def bo(x):
    print(  x  [  0  ]  )
def bp(x):
    return x**"a"
def bq(x):
    return x  //  0
def br(x):
    return not x.foo
def bs(x):
    del x.foo, x
def bt(x):
    a = b = x.foo = 5
def bu(x):
    x.foo += 1
def bv(x):
    x[0] += 1
def bw(x):
    (a, b), c = (1, 2, 3), 4
def bx(x):
    if (n := x.foo) > 3: pass
def by(x):
    yield_ = [*x]
def bz(x):
    return max(1, x.foo, key=None)
def ca(x):
    try:
        x.foo
    except KeyError:
        pass
    finally:
        y = 1
def cb(x):
    try:
        x.foo
    except AttributeError:
        raise KeyError("k")
def cc(x):
    e = ValueError("kept")
    try:
        raise e
    except ValueError:
        raise e
def cd(x):
    try:
        x.foo
    except AttributeError as e:
        raise e
def ce(x):
    try:
        x.foo
    except AttributeError:
        raise
def cf(x):
    return int("zz") + x
def cg(x):
    return "%d" % "x"
def ch(x):
    return "{}".format()
def ci(x):
    return x.foo(  1, 2  )  .bar
def cj(x):
    return x < "a" and x
def ck(x):
    return 5 in x
def cl(x):
    return (yy for yy in x)
def cm(x):
    a, *b = x
def cn(x):
    return x.foo[0]["a"]
for f in [a,b,c,d,e,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u,v,w,xx,y,z,aa,ab,ac,ad,ae,af,ag,ah,ai,aj,ak,al,am,an,ao,ap,aq,ar,at,au,av,aw,ax,ay,az,ba,bb,bc,bd,be,bf,bg,bi,bj,bk,bl,bm,bn,bo,bp,bq,br,bs,bt,bu,bv,bw,bx,by,bz,ca,cb,cc,cd,ce,cf,cg,ch,ci,cj,ck,cl,cm,cn]:
    try:
        f(3)
    except BaseException as err:
        print(traceback.format_exc())
