# One place in the source that looks at several modules, and at what is no module, while their
# attributes come and go.
import math
import random


class Plain:
    pi = "a class's"


def pi(of):
    return of.pi


def show(what, of):
    try:
        print(what, pi(of))
    except AttributeError as e:
        print(what, e)


plain = Plain()
kept = math.pi
for _ in range(2):
    show("math", math)
    show("random", random)
    show("class", Plain)
    show("instance", plain)
    math.pi = 3
    random.pi = "set"
    plain.pi = "own"
    for of in (math, math, random, plain):
        show("set", of)
    del math.pi, random.pi, plain.pi
    for of in (math, math, random, plain):
        show("deleted", of)
    math.pi = kept
