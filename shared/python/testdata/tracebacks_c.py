def rec(n):
    if n == 0:
        return 1 / n
    return rec(n - 1)


rec(20)
