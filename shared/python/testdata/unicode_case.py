import json

for s in ["straße", "ﬁne", "İstanbul", "ΑΣ ΟΔΟΣ", "ŉ", "ǰ", "ß", "àéî", "ÀÉÎ", "ΐ", "abc", "ABC ﬄ"]:
    print(s.upper(), s.lower(), s.casefold(), len(s.upper()), len(s.lower()), ascii(s.lower()))
for c in "²①⑴➀٣5x½፩":
    print(ascii(c), c.isdigit(), c.isdecimal(), c.isalnum())
print("12²".isdigit(), "".isdigit(), "1x".isdigit())
print(repr(json.dumps("\x7f")), repr(json.dumps("a\x7fé", ensure_ascii=False)))
print("aä"[0], "aä"[1], "aä"[-1], "abcdefghijä"[3], "ä" * 3, len("ä" * 5))
print((10**400) / (10**398), -(10**30) / 7, (2**2000 + 1) / 2**1990, 3 / 2**1074, 1 / 2**1080, 2**53 / (2**53 + 1), (2**54 + 1) / 2)
try:
    10**400 / 3
except OverflowError as e:
    print(e)
print(7 / 10**320, (2**1074 - 1) / 2**2148, -(2**70) >> 3, -(2**70) >> 70, -(2**70) >> 71, +True, abs(-(2**70)))
print("xxyabcxyy".strip("xy"), "äöüabcüöä".strip("öäüxyzqrs"), "abcdefghij-abc".strip("abcdefghij"))
