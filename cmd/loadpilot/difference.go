package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// difference returns the path of the first field in which two JSON documents differ, such as series[3].started, and $ where
// they have no field in common; nothing if they differ in white space or escapes only.
func difference(a, b []byte) string {
	x, y := json.NewDecoder(bytes.NewReader(a)), json.NewDecoder(bytes.NewReader(b))
	x.UseNumber()
	y.UseNumber()
	var at path
	for {
		s, errX := x.Token()
		t, errY := y.Token()
		if errors.Is(errX, io.EOF) && errors.Is(errY, io.EOF) {
			return ""
		}
		if errX != nil || errY != nil || s != t {
			return at.before(s)
		}
		at.pass(s)
	}
}

// path is where a reader of a JSON document is: the objects and arrays that are open, the outermost first.
type path []level

type level struct {
	array bool
	index int    // in an array: of the element that is read or comes next
	key   string // in an object: of the field that is read or was read last
	inKey bool   // in an object: the next token is a key, or its end
}

// pass takes note of a token.
func (p *path) pass(token json.Token) {
	if n := len(*p); n > 0 && (*p)[n-1].inKey {
		if key, ok := token.(string); ok {
			(*p)[n-1].key, (*p)[n-1].inKey = key, false
			return
		}
	}
	switch token {
	case json.Delim('{'):
		*p = append(*p, level{inKey: true})
		return
	case json.Delim('['):
		*p = append(*p, level{array: true})
		return
	case json.Delim('}'), json.Delim(']'):
		*p = (*p)[:len(*p)-1]
	}
	if n := len(*p); n > 0 { // a value is complete
		(*p)[n-1].index++
		(*p)[n-1].inKey = !(*p)[n-1].array
	}
}

// before names the place of the token that comes next.
func (p *path) before(next json.Token) string {
	var out strings.Builder
	for _, l := range *p {
		key := l.key
		if l.inKey { // which is that of the innermost object only
			key, _ = next.(string)
		}
		switch {
		case l.array:
			out.WriteString("[" + strconv.Itoa(l.index) + "]")
		case key != "":
			out.WriteString("." + key)
		}
	}
	if out.Len() == 0 {
		return "$"
	}
	return strings.TrimPrefix(out.String(), ".")
}
