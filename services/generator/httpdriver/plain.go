package httpdriver

import (
	"bytes"
	"net/http"
)

// plain is what has to be known of an ordinary response that has come in one piece.
type plain struct {
	status  int
	head    int  // length up to the body
	cookies bool // it has a Set-Cookie field
}

// same reports whether raw begins with the head of before, which p tells of, and is as long: then p tells of it as well. Within a second
// a server says the same again and again.
func (p plain) same(before, raw []byte) bool {
	return p.head > 0 && len(raw) == len(before) && bytes.Equal(raw[:p.head], before[:p.head])
}

// parsePlain reads a whole response, if it is of the kind that needs no more than a look: HTTP/1.1 with the usual reason for its
// status, a body of a Content-Length that ends with raw, no encoding, and a connection that stays. All others it leaves to the parser,
// which would read the same from those that it takes.
func parsePlain(raw []byte) (p plain, ok bool) {
	line, rest, found := bytes.Cut(raw, crlf)
	if !found || len(line) < len("HTTP/1.1 200 ") || string(line[:9]) != "HTTP/1.1 " || line[12] != ' ' {
		return p, false
	}
	if p.status = digits(line[9:12]); p.status < http.StatusOK || p.status == http.StatusNoContent || p.status == http.StatusNotModified ||
		string(line[13:]) != http.StatusText(p.status) {
		return p, false
	}
	length := -1
	for {
		line, rest, found = bytes.Cut(rest, crlf)
		if !found {
			return p, false
		}
		if len(line) == 0 {
			p.head = len(raw) - len(rest)
			return p, length == len(rest)
		}
		name, value, ok := cutField(line)
		if !ok {
			return p, false
		}
		switch {
		case is(name, "content-length"):
			if length >= 0 || len(value) > 9 {
				return p, false
			}
			if length = digits(value); length < 0 {
				return p, false
			}
		case is(name, "set-cookie"):
			p.cookies = true
		case is(name, "connection"):
			if !is(value, "keep-alive") {
				return p, false
			}
		case is(name, "transfer-encoding"), is(name, "content-encoding"), is(name, "trailer"):
			return p, false
		}
	}
}

var crlf = []byte("\r\n")

// digits returns the number that s is in decimal, −1 if it is none.
func digits(s []byte) int {
	if len(s) == 0 {
		return -1
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// cutField splits a header line, if it has nothing unusual.
func cutField(line []byte) (name, value []byte, ok bool) {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 {
		return nil, nil, false
	}
	name, value = line[:colon], bytes.TrimLeft(line[colon+1:], " ")
	for _, c := range name {
		if c != '-' && (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') {
			return nil, nil, false
		}
	}
	for _, c := range value {
		if c < ' ' || c > '~' {
			return nil, nil, false
		}
	}
	return name, value, len(value) > 0 && value[len(value)-1] != ' '
}

// is compares without regard to case; lower is in lower case.
func is(s []byte, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i, c := range s {
		if c != lower[i] && (c < 'A' || c > 'Z' || c|0x20 != lower[i]) {
			return false
		}
	}
	return true
}
