import string
from string import Template, capwords


def show(name, f, *a, **k):
    try:
        print(name, repr(f(*a, **k)))
    except (TypeError, ValueError, KeyError, AttributeError) as e:
        print(name, type(e).__name__, e)


print(string.ascii_lowercase, string.ascii_uppercase, string.ascii_letters, string.digits, string.hexdigits, string.octdigits, string.punctuation)
print(repr(string.whitespace), repr(string.printable))
print(capwords("hello  world foo"), capwords("a-b-cD", "-"), capwords(" x  y ", " "), capwords(""), capwords("éa ÇB"), repr(capwords("  a b ", None)), capwords(s="q", sep="x"))
show("capwords", capwords, 5)
t = Template("Hi $name, ${greet}ing $$5 $name")
print(t.template, t.substitute(name="Bob", greet="greet"), t.substitute({"name": 1, "greet": None}), t.substitute({"name": 1, "greet": 2}, name="kw"))
print(t.safe_substitute(name="x"), t.safe_substitute({}), Template("$ ${ $1 ${a-b} $x").safe_substitute(x=1), t.delimiter)
show("missing", t.substitute, name="x")
show("bad", Template("a\nb $ c").substitute)
show("bad", Template("${x").substitute, x=1)
show("bad", Template("$").substitute)
show("args", t.substitute, {}, {})
print(t.get_identifiers(), t.is_valid(), Template("$ x").is_valid(), Template("").is_valid(), Template("$ab $Ab $_1 $é").get_identifiers())


class Mine(Template):
    def hello(self):
        return self.substitute(x="mine")


print(Mine("$x!").hello(), isinstance(Mine("a"), Template))
