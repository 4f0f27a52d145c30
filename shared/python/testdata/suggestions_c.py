import math

try:
    math.sqr(2)
except AttributeError as e:
    print(e)
prnt("x")
