package syntax

import "math"

// A kind tells what a token is.
type kind uint8

const (
	endOfFile kind = iota
	broken         // what follows cannot be cut into tokens
	newline        // the end of a logical line
	indent
	dedent
	name
	word // a keyword, an operator or a delimiter
	number
	stringLit     // any literal but an f-string, with prefix and quotes
	fstringStart  // the prefix and opening quotes of an f-string
	fstringMiddle // literal text of an f-string or of a format spec, undecoded
	fstringEnd    // the closing quotes
)

// A token is a piece of the source.
type token struct {
	Span
	kind   kind
	level  uint8  // brackets open after this token
	offset int32  // of text in the source
	text   string // the piece itself; "" for indent, dedent and endOfFile
}

// Limits on what is parsed; the first is in bytes. CPython has the second and third too.
const (
	maxSource   = 1 << 20
	maxBrackets = 200
	maxIndents  = 100
	maxDepth    = 1000 // levels of the tree, and of the parser's own recursion
)

// The level of a token must hold maxBrackets.
const _ = uint8(math.MaxUint8 - maxBrackets)

// isKeyword reports whether a name is reserved.
func isKeyword(s string) bool {
	switch s {
	case "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
		"def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in",
		"is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield":
		return true
	}
	return false
}

// operatorLen returns the length of the operator or delimiter s begins with, 0 if none.
func operatorLen(s string) int {
	if len(s) >= 3 {
		switch s[:3] {
		case "**=", "//=", ">>=", "<<=", "...":
			return 3
		}
	}
	if len(s) >= 2 {
		switch s[:2] {
		case "**", "//", ">>", "<<", "<=", ">=", "==", "!=", "->", "<>", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", ":=":
			return 2
		}
	}
	switch s[0] {
	case '+', '-', '*', '/', '%', '@', '&', '|', '^', '~', '<', '>', '(', ')', '[', ']', '{', '}', ',', ':', '.', ';', '=', '!', '$', '?', '`':
		return 1 // the last four have no meaning of their own: the parser stops at them
	}
	return 0
}
