package tree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

const (
	maxDepth  = 1000      // of values within values
	maxValues = 2_000_000 // of a YAML document whose aliases are written out
)

var errDepth = fmt.Errorf("it is nested more than %d deep", maxDepth)

// Values are nil, bool, json.Number, string, []any and *object.
type object struct {
	members []member
	index   map[string]int // of members; nil: there are few
}

type member struct {
	name  string
	value any
}

// few members are found faster without an index.
const few = 16

func newObject(members []member) *object {
	o := &object{members: members}
	if len(members) > few {
		o.index = make(map[string]int, len(members))
		for i, m := range members {
			o.index[m.name] = i
		}
	}
	return o
}

func (o *object) get(name string) (any, bool) {
	if o.index != nil {
		i, ok := o.index[name]
		if !ok {
			return nil, false
		}
		return o.members[i].value, true
	}
	for _, m := range slices.Backward(o.members) { // of equal names the last counts, as in the index
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// decode reads JSON if the text begins with a brace, or else YAML.
func decode(text []byte) (any, error) {
	text = bytes.TrimSpace(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
	if bytes.HasPrefix(text, []byte("{")) {
		return decodeJSON(text)
	}
	return decodeYAML(text)
}

func decodeJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	value, err := readJSON(d, 0)
	if err == nil && len(bytes.TrimSpace(text[d.InputOffset():])) > 0 {
		err = errors.New("text follows the document")
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		at := d.InputOffset()
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = syntax.Offset
		}
		return nil, fmt.Errorf("line %d: %w", 1+bytes.Count(text[:at], []byte("\n")), err)
	}
	return value, nil
}

func readJSON(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, errDepth
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		var members []member
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := readJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			members = append(members, member{fmt.Sprint(name), value})
		}
		_, err := d.Token()
		return newObject(members), err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			value, err := readJSON(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		_, err := d.Token()
		return list, err
	default:
		return token, nil
	}
}

func decodeYAML(text []byte) (any, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	return (&yamlReader{left: maxValues}).value(&document, 0)
}

// yamlReader writes aliases out. It bounds their number, or nine lines would become a billion values.
type yamlReader struct{ left int }

func (y *yamlReader) value(n *yaml.Node, depth int) (any, error) {
	y.left--
	if y.left < 0 {
		return nil, fmt.Errorf("it has more than %d values", maxValues)
	}
	if depth > maxDepth {
		return nil, errDepth
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return y.value(n.Content[0], depth+1)
	case yaml.AliasNode:
		return y.value(n.Alias, depth+1)
	case yaml.MappingNode:
		members, err := y.members(n, depth)
		return newObject(members), err
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, child := range n.Content {
			value, err := y.value(child, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	default:
		return scalar(n), nil
	}
}

func (y *yamlReader) members(n *yaml.Node, depth int) ([]member, error) {
	var members, merged []member
	own := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i]
		value, err := y.value(n.Content[i+1], depth+1)
		if err != nil {
			return nil, err
		}
		if name.Tag == "!!merge" {
			merged = append(merged, merge(value)...)
			continue
		}
		own[name.Value] = true
		members = append(members, member{name.Value, value})
	}
	for _, m := range merged {
		if !own[m.name] {
			own[m.name] = true
			members = append(members, m)
		}
	}
	return members, nil
}

// merge returns the members of what << names: a mapping, or a list of them.
func merge(value any) []member {
	switch value := value.(type) {
	case *object:
		return value.members
	case []any:
		var members []member
		for _, entry := range value {
			members = append(members, merge(entry)...)
		}
		return members
	default:
		return nil
	}
}

// scalar reads numbers as JSON has them. What JSON cannot say, such as dates and infinity, is text.
func scalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var value bool
		if n.Decode(&value) == nil {
			return value
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
		var value float64 // 0x10, 1_000, +1
		if n.Decode(&value) == nil && !math.IsInf(value, 0) && !math.IsNaN(value) {
			return json.Number(strconv.FormatFloat(value, 'g', -1, 64))
		}
	default:
	}
	return n.Value
}
