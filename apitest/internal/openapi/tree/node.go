package tree

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"
	"strings"
)

// maxHops is how many references may be followed to get to one place.
const maxHops = 100

// Node is a place in a document. The zero Node is a place that does not exist: what is below it does not exist either.
type Node struct {
	value any
	file  *file
	ref   string // that led here
	err   error
}

// Get returns the member of that name. If it is a reference, it is followed.
func (n Node) Get(name string) Node { return n.child(name).follow() }

// Path returns what several Gets return.
func (n Node) Path(names ...string) Node {
	for _, name := range names {
		n = n.Get(name)
	}
	return n
}

// Fields returns the members, in the order of the document, with references followed.
func (n Node) Fields() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		o, _ := n.value.(*object)
		if o == nil {
			return
		}
		for _, m := range o.members {
			if !yield(m.name, Node{value: m.value, file: n.file}.follow()) {
				return
			}
		}
	}
}

// Items returns the elements of a list, with references followed.
func (n Node) Items() []Node {
	list, _ := n.value.([]any)
	nodes := make([]Node, len(list))
	for i, value := range list {
		nodes[i] = Node{value: value, file: n.file}.follow()
	}
	return nodes
}

// First returns the first element or member that exists.
func (n Node) First() Node {
	for _, item := range n.Items() {
		return item
	}
	for _, field := range n.Fields() {
		return field
	}
	return Node{}
}

// Exists reports whether there is something; null is something.
func (n Node) Exists() bool { return n.file != nil && n.err == nil }

// Null reports whether there is nothing, or null.
func (n Node) Null() bool { return n.value == nil }

// Err says why a reference could not be followed.
func (n Node) Err() error { return n.err }

// Ref returns the reference that led here; "" if none did.
func (n Node) Ref() string { return n.ref }

// Same reports whether both are the same object.
func (n Node) Same(other Node) bool {
	a, _ := n.value.(*object)
	b, _ := other.value.(*object)
	return a != nil && a == b
}

// Object reports whether it has members, or could have.
func (n Node) Object() bool { _, ok := n.value.(*object); return ok }

// Bool returns a boolean.
func (n Node) Bool() (value, ok bool) { value, ok = n.value.(bool); return value, ok }

// True reports whether it is true.
func (n Node) True() bool { return n.value == true }

// Number returns a number.
func (n Node) Number() (float64, bool) {
	number, ok := n.value.(json.Number)
	if !ok {
		return 0, false
	}
	value, err := number.Float64()
	return value, err == nil
}

// Text returns a string, number or boolean as text; "" of all else.
func (n Node) Text() string {
	switch value := n.value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	default:
		return ""
	}
}

// Texts returns the texts of a list.
func (n Node) Texts() []string {
	texts := []string{}
	for _, item := range n.Items() {
		if text := item.Text(); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// JSON returns the value, its members in the order of the document. References in it stay what they are.
func (n Node) JSON() []byte { return appendJSON(nil, n.value) }

func appendJSON(b []byte, value any) []byte {
	switch value := value.(type) {
	case *object:
		b = append(b, '{')
		for i, m := range value.members {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendJSON(b, m.name), ':')
			b = appendJSON(b, m.value)
		}
		return append(b, '}')
	case []any:
		b = append(b, '[')
		for i, element := range value {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, element)
		}
		return append(b, ']')
	default:
		text, _ := json.Marshal(value) // nil, booleans, numbers of a document and strings all have JSON
		return append(b, text...)
	}
}

// follow returns where the references lead that begin here. What stands beside a reference is not looked at.
func (n Node) follow() Node {
	hops := 0
	target, err := n.followed(&hops)
	if err != nil {
		return Node{err: fmt.Errorf("reference %s: %w", n.reference(), err)}
	}
	target.ref = n.reference()
	return target
}

func (n Node) followed(hops *int) (Node, error) {
	if ref := n.reference(); ref != "" {
		return n.resolve(ref, hops)
	}
	return n, nil
}

// reference returns the reference that stands here; "" if none does.
func (n Node) reference() string {
	ref, _ := n.child("$ref").value.(string)
	return ref
}

// resolve returns the place that a reference names. There may be references on the way to it.
func (n Node) resolve(ref string, hops *int) (Node, error) {
	if *hops++; *hops > maxHops {
		return Node{}, errors.New("it leads in a circle")
	}
	location, pointer, _ := strings.Cut(ref, "#")
	file := n.file
	if location != "" {
		var err error
		if file, err = n.file.open(location); err != nil {
			return Node{}, err
		}
	}
	names := strings.Split(pointer, "/")
	if names[0] != "" {
		return Node{}, errors.New("it is no JSON pointer")
	}
	place := Node{value: file.root, file: file}
	for _, name := range names[1:] {
		if text, err := url.PathUnescape(name); err == nil {
			name = text
		}
		name = unescape.Replace(name)
		next := place.child(name)
		if !next.Exists() {
			target, err := place.followed(hops)
			if err != nil {
				return Node{}, err
			}
			next = target.child(name)
		}
		if !next.Exists() {
			return Node{}, errors.New("it leads nowhere")
		}
		place = next
	}
	return place.followed(hops)
}

// unescape undoes the escapes of JSON pointers.
var unescape = strings.NewReplacer("~1", "/", "~0", "~")

// child returns a member or an element, without following it.
func (n Node) child(name string) Node {
	switch value := n.value.(type) {
	case *object:
		if found, ok := value.get(name); ok {
			return Node{value: found, file: n.file}
		}
	case []any:
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(value) {
			return Node{value: value[i], file: n.file}
		}
	default:
	}
	return Node{}
}
