package sample

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"

	"github.com/loadpilot/loadpilot/apitest/internal/openapi/tree"
)

const (
	maxSchemas = 10_000 // of a body: what is optional beyond them is left out
	maxDepth   = 6      // below it, members that are optional are left out
	maxItems   = 100    // of a list
)

var (
	errCycle = errors.New("the schema needs itself")
	errSize  = fmt.Errorf("the schema needs more than %d others", maxSchemas)
	errFalse = errors.New("nothing fits the schema false")
)

// maker appends a value as JSON.
type maker func(b []byte, r *rand.Rand) []byte

// compiler makes makers. A schema that contains itself is made without what is optional in it.
type compiler struct {
	within []tree.Node // schemas that the present one is part of
	left   int
}

func newCompiler() *compiler { return &compiler{left: maxSchemas} }

// value compiles what fits all of the schemas; of none: any value.
func (c *compiler) value(schemas []tree.Node, depth int) (maker, error) {
	for _, s := range schemas {
		if given, ok := Given(s); ok {
			return constant(given), nil
		}
		if slices.ContainsFunc(c.within, s.Same) {
			return nil, errCycle
		}
	}
	outer := len(c.within)
	c.within = append(c.within, schemas...)
	defer func() { c.within = c.within[:outer] }()
	return c.expand(schemas, 0, depth)
}

// Given returns the value that a schema gives itself, as an example, default or constant.
func Given(schema tree.Node) (tree.Node, bool) {
	for _, given := range []tree.Node{
		schema.Get("const"), schema.Get("example"), schema.Get("examples").First(), schema.Get("default"),
	} {
		if !given.Null() {
			return given, true
		}
	}
	return tree.Node{}, false
}

// expand adds to the schemas, from the one at next on, what their allOf say and the first choice of oneOf or anyOf that can be made.
func (c *compiler) expand(schemas []tree.Node, next, depth int) (maker, error) {
	for ; next < len(schemas); next++ {
		s := schemas[next]
		c.left--
		always, isBool := s.Bool()
		switch {
		case c.left < 0:
			return nil, errSize
		case s.Err() != nil:
			return nil, s.Err()
		case isBool && !always:
			return nil, errFalse
		case slices.ContainsFunc(schemas[:next], s.Same): // one that several others are made from
			continue
		default:
		}
		schemas = append(slices.Clip(schemas), s.Get("allOf").Items()...)
		if choices := choicesOf(s); len(choices) > 0 {
			return c.choose(schemas, choices, next+1, depth)
		}
	}
	return c.typed(schemas, depth)
}

func (c *compiler) choose(schemas, choices []tree.Node, next, depth int) (maker, error) {
	var first error
	for _, choice := range choices {
		m, err := c.expand(append(slices.Clip(schemas), choice), next, depth)
		if err == nil {
			return m, nil
		}
		if first == nil {
			first = err
		}
	}
	return nil, first
}

// choicesOf returns the alternatives of a schema, without null if there is another.
func choicesOf(s tree.Node) []tree.Node {
	choices := s.Get("oneOf").Items()
	if len(choices) == 0 {
		choices = s.Get("anyOf").Items()
	}
	something := slices.DeleteFunc(slices.Clone(choices), func(n tree.Node) bool { return n.Get("type").Text() == "null" })
	if len(something) > 0 {
		return something
	}
	return choices
}

// typed compiles schemas with nothing left to expand.
func (c *compiler) typed(schemas []tree.Node, depth int) (maker, error) {
	if given, ok := givenBy(schemas); ok {
		return constant(given), nil
	}
	if enum := first(schemas, "enum").Items(); len(enum) > 0 {
		return choice(enum), nil
	}
	switch typeOf(schemas) {
	case "object":
		return c.object(schemas, depth)
	case "array":
		return c.array(schemas, depth)
	case "integer":
		return number(schemas, 1)
	case "number":
		return number(schemas, 0.01)
	case "boolean":
		return func(b []byte, r *rand.Rand) []byte { return strconv.AppendBool(b, r.IntN(2) == 1) }, nil
	case "null":
		return literal("null"), nil
	default:
		return words(schemas)
	}
}

// givenBy returns the value that one of the schemas gives, if it speaks for all: of several with members none does.
func givenBy(schemas []tree.Node) (tree.Node, bool) {
	var found tree.Node
	members := 0
	for _, s := range schemas {
		if s.Get("properties").Exists() {
			members++
		}
		if given, ok := Given(s); ok && found.Null() {
			found = given
		}
	}
	return found, !found.Null() && members < 2
}

// first returns the keyword of the first schema that has it.
func first(schemas []tree.Node, keyword string) tree.Node {
	for _, s := range schemas {
		if n := s.Get(keyword); n.Exists() {
			return n
		}
	}
	return tree.Node{}
}

// typeOf returns the type that is declared, or that other keywords tell.
func typeOf(schemas []tree.Node) string {
	declared := first(schemas, "type")
	if name := declared.Text(); name != "" {
		return name
	}
	for _, name := range declared.Texts() {
		if name != "null" {
			return name
		}
	}
	for _, hint := range [][2]string{
		{"properties", "object"},
		{"required", "object"},
		{"additionalProperties", "object"},
		{"items", "array"},
		{"prefixItems", "array"},
		{"minimum", "number"},
		{"maximum", "number"},
		{"multipleOf", "number"},
	} {
		if first(schemas, hint[0]).Exists() {
			return hint[1]
		}
	}
	return "string"
}

// property is a member that objects may have.
type property struct {
	name     string
	required bool
	schemas  []tree.Node // all of which it fits
	value    maker       // nil: made from the schemas
}

func (c *compiler) object(schemas []tree.Node, depth int) (maker, error) {
	var properties []property
	at := func(name string) *property {
		i := slices.IndexFunc(properties, func(p property) bool { return p.name == name })
		if i < 0 {
			i = len(properties)
			properties = append(properties, property{name: name})
		}
		return &properties[i]
	}
	for _, s := range schemas {
		for name, schema := range s.Get("properties").Fields() {
			p := at(name)
			p.schemas = append(p.schemas, schema)
		}
	}
	for i, s := range schemas {
		for _, name := range s.Get("required").Texts() {
			at(name).required = true
		}
		if name, value := discriminator(schemas, i); value != "" {
			at(name).value = literal(quote(value))
		}
	}
	if extra := first(schemas, "additionalProperties"); len(properties) == 0 && extra.Object() {
		properties = append(properties, property{name: "key", schemas: []tree.Node{extra}})
	}
	return c.members(properties, depth)
}

// discriminator returns the member by which one tells which of several schemas an object has, and its value for the one that was chosen;
// schemas[i] declares it.
func discriminator(schemas []tree.Node, i int) (name, value string) {
	declared := schemas[i].Get("discriminator")
	name = declared.Get("propertyName").Text()
	if name == "" {
		name = declared.Text() // Swagger 2
	}
	if name == "" {
		return "", ""
	}
	chosen, choices := schemas[0], choicesOf(schemas[i])
	for _, s := range schemas[i+1:] {
		if slices.ContainsFunc(choices, s.Same) {
			chosen = s
			break
		}
	}
	if chosen.Ref() == "" {
		return "", ""
	}
	schema := path.Base(chosen.Ref())
	for value, target := range declared.Get("mapping").Fields() {
		if path.Base(target.Text()) == schema {
			return name, value
		}
	}
	return name, schema
}

func (c *compiler) members(properties []property, depth int) (maker, error) {
	type member struct {
		name  string // as JSON, with a colon
		value maker
	}
	var members []member
	for _, p := range properties {
		readOnly := slices.ContainsFunc(p.schemas, func(s tree.Node) bool { return s.Get("readOnly").True() })
		if readOnly || !p.required && depth >= maxDepth {
			continue
		}
		value, err := p.value, error(nil)
		if value == nil {
			value, err = c.value(p.schemas, depth+1)
		}
		switch {
		case err == nil:
			members = append(members, member{quote(p.name) + ":", value})
		case p.required:
			return nil, fmt.Errorf("%s: %w", p.name, err)
		default:
		}
	}
	return func(b []byte, r *rand.Rand) []byte {
		b = append(b, '{')
		for i, m := range members {
			if i > 0 {
				b = append(b, ',')
			}
			b = m.value(append(b, m.name...), r)
		}
		return append(b, '}')
	}, nil
}

// array makes lists of as few elements as are allowed, but of one if none need be.
func (c *compiler) array(schemas []tree.Node, depth int) (maker, error) {
	var elements []maker
	for _, schema := range first(schemas, "prefixItems").Items() {
		element, err := c.value([]tree.Node{schema}, depth+1)
		if err != nil {
			return nil, err
		}
		elements = append(elements, element)
	}
	least, most := sizes(schemas, "minItems", "maxItems")
	if least > maxItems {
		return nil, fmt.Errorf("a list of %d elements is longer than %d", least, maxItems)
	}
	if n := min(max(least, 1), most); len(elements) < n {
		element, err := c.value([]tree.Node{first(schemas, "items")}, depth+1)
		switch {
		case err == nil:
			elements = append(elements, slices.Repeat([]maker{element}, n-len(elements))...)
		case len(elements) < least:
			return nil, err
		default:
		}
	}
	distinct := first(schemas, "uniqueItems").True()
	return func(b []byte, r *rand.Rand) []byte {
		b = append(b, '[')
		var before [][]byte
		for i, element := range elements {
			if i > 0 {
				b = append(b, ',')
			}
			begin := len(b)
			b = element(b, r)
			for try := 0; distinct && try < 20 && slices.ContainsFunc(before, func(x []byte) bool { return bytes.Equal(x, b[begin:]) }); try++ {
				b = element(b[:begin], r)
			}
			if distinct {
				before = append(before, bytes.Clone(b[begin:]))
			}
		}
		return append(b, ']')
	}, nil
}

// sizes returns what the keywords allow; without a largest size it is the largest int.
func sizes(schemas []tree.Node, smallest, largest string) (least, most int) {
	most = math.MaxInt
	if n, ok := first(schemas, smallest).Number(); ok {
		least = int(min(max(n, 0), math.MaxInt32))
	}
	if n, ok := first(schemas, largest).Number(); ok {
		most = int(min(max(n, 0), math.MaxInt32))
	}
	return least, most
}
