package payload

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// New reads the templates of a valid configuration with its defaults filled in, and its rows until ctx ends. The error is a
// *load.FieldError.
func New(ctx context.Context, c run.Config) (*Maker, error) {
	in := compiler{env: c.Env}
	if c.DataFile != "" {
		rows, err := openRows(ctx, c.DataFile)
		if err != nil {
			return nil, &load.FieldError{Field: "data", Message: err.Error()}
		}
		in.rows = rows
	}
	m := &Maker{method: c.Method, seed: c.Seed, payload: c.PayloadFunc}
	var a address
	for _, step := range []struct {
		field string
		err   error
	}{
		{"path-param", a.path(c, in)},
		{"query", a.query(c, in)},
		{"header", m.compileHeaders(c, in)},
		{"payload", m.compileBody(c, in)},
	} {
		if step.err != nil {
			return nil, &load.FieldError{Field: step.field, Message: step.err.Error()}
		}
	}
	m.pieces, m.url = a.pieces, a.text
	return m, nil
}

// piece is a text of a URL, and the value that stands behind it.
type piece struct {
	text   string
	value  template
	escape func(string) string
}

// address compiles a URL.
type address struct {
	pieces []piece
	text   string // after the pieces
}

func (a *address) path(c run.Config, in compiler) error {
	escape := url.PathEscape
	for _, s := range run.Segments(c.Path) {
		if s.Name == "" {
			a.text += escapeText(s.Text)
			if strings.Contains(s.Text, "?") {
				escape = url.QueryEscape
			}
		} else if err := a.add(c.PathParams[s.Name], in, escape); err != nil {
			return err
		}
	}
	return nil
}

func (a *address) query(c run.Config, in compiler) error {
	separator := "?"
	if strings.Contains(c.Path, "?") {
		separator = "&"
	}
	for _, q := range c.Query {
		a.text += separator + url.QueryEscape(q.Name) + "="
		if err := a.add(q.Value, in, url.QueryEscape); err != nil {
			return err
		}
		separator = "&"
	}
	return nil
}

func (a *address) add(text string, in compiler, escape func(string) string) error {
	value, err := in.compile(text)
	if err != nil {
		return err
	}
	if value.parts == nil {
		a.text += escape(value.text)
		return nil
	}
	a.pieces = append(a.pieces, piece{text: a.text, value: value, escape: escape})
	a.text = ""
	return nil
}

// escapeText percent-encodes letters that a URL cannot hold.
func escapeText(text string) string {
	var b strings.Builder
	for i := range len(text) {
		if text[i] < 0x80 {
			b.WriteByte(text[i])
		} else {
			fmt.Fprintf(&b, "%%%02X", text[i])
		}
	}
	return b.String()
}

// Maker makes the calls of a configuration.
type Maker struct {
	method  string
	seed    uint64
	pieces  []piece
	url     string // after the pieces
	headers []run.Pair
	values  []template // of the headers that are not the same for all requests, by their place in them
	body    template
	payload run.PayloadFunc
	typed   bool         // a body needs no Content-Type any more
	clients atomic.Int64 // made so far
}

func (m *Maker) compileHeaders(c run.Config, in compiler) error {
	m.headers = slices.Clone(c.Headers)
	m.values = make([]template, len(m.headers))
	for i, h := range m.headers {
		value, err := in.compile(h.Value)
		if err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		m.headers[i].Value, m.values[i] = value.text, value
	}
	return nil
}

// holes are the values of a template.
var holes = regexp.MustCompile(`\{\{[^{].*?\}\}`)

func (m *Maker) compileBody(c run.Config, in compiler) error {
	contentType, typed := "", c.Protocol == run.ProtocolWebSocket || c.Protocol == run.ProtocolGRPC
	for _, h := range c.Headers {
		if strings.EqualFold(h.Name, "Content-Type") {
			contentType, typed = h.Value, true
		}
	}
	m.typed = typed
	if c.PayloadFunc != nil || c.Payload == "" {
		return nil
	}
	if c.RawPayload {
		m.body = template{text: c.Payload}
		m.setType(json.Valid([]byte(c.Payload)))
		return nil
	}
	// Within quotes or not, a 0 can stand wherever a value can.
	in.json = json.Valid(holes.ReplaceAll([]byte(c.Payload), []byte("0"))) || strings.Contains(contentType, "json")
	var err error
	if m.body, err = in.compile(c.Payload); err != nil {
		return err
	}
	first := m.body.append(nil, &request{random: rand.New(rand.NewPCG(c.Seed, 0))}) //nolint:gosec // values for a test
	m.setType(json.Valid(first))
	return nil
}

// setType says of what type the body is, unless that is said already.
func (m *Maker) setType(isJSON bool) {
	if !m.typed {
		m.headers = append(m.headers, contentType(isJSON))
		m.typed = true
	}
}

func contentType(isJSON bool) run.Pair {
	if isJSON {
		return run.Pair{Name: "Content-Type", Value: "application/json"}
	}
	return run.Pair{Name: "Content-Type", Value: "text/plain; charset=utf-8"}
}

// New implements run.Maker: it makes the Filler of another client.
func (m *Maker) New() run.Filler { return m.filler(m.clients.Add(1) - 1) }

// First makes a Filler that fills in what the first client does, and counts as none.
func (m *Maker) First() run.Filler { return m.filler(0) }

func (m *Maker) filler(client int64) *filler {
	f := &filler{m: m, headers: slices.Clone(m.headers), constant: []byte(m.body.text), typed: m.typed}
	f.request = request{client: client, random: rand.New(&f.source)} //nolint:gosec // values for a test
	return f
}

// filler fills in the calls of one client.
type filler struct {
	m        *Maker
	request  request
	source   rand.PCG
	headers  []run.Pair
	constant []byte // the body, if it is the same for all requests
	size     int    // of the last body, if it is not
	value    []byte // the last one in a URL or header
	typed    bool
}

// golden spreads the numbers of requests over all seeds.
const golden = 0x9e3779b97f4a7c15

// Fill sets what call n is. The next one overwrites the header.
func (f *filler) Fill(n int64, call *run.Call) error {
	f.request.n = n
	f.source.Seed(f.m.seed, uint64(n)*golden) //nolint:gosec // numbers of requests are not negative
	call.Method, call.URL = f.m.method, f.url()
	for i, value := range f.m.values {
		if value.parts == nil {
			continue
		}
		text := f.fill(value)
		if strings.ContainsAny(text, "\r\n\x00") {
			return fmt.Errorf("header %s: its value holds the end of a line", f.headers[i].Name)
		}
		f.headers[i].Value = text
	}
	if err := f.fillBody(n, call); err != nil {
		return err
	}
	call.Header = f.headers
	return nil
}

func (f *filler) fill(value template) string {
	f.value = value.append(f.value[:0], &f.request)
	return string(f.value)
}

func (f *filler) url() string {
	if f.m.pieces == nil {
		return f.m.url
	}
	var text strings.Builder
	for _, p := range f.m.pieces {
		text.WriteString(p.text)
		text.WriteString(p.escape(f.fill(p.value)))
	}
	text.WriteString(f.m.url)
	return text.String()
}

func (f *filler) fillBody(n int64, call *run.Call) (err error) {
	call.Body = nil
	switch {
	case f.m.payload != nil:
		if call.Body, err = f.m.payload(n); err != nil {
			return err
		}
		if !f.typed && len(call.Body) > 0 {
			f.headers = append(f.headers, contentType(json.Valid(call.Body)))
			f.typed = true
		}
	case f.m.body.parts != nil:
		// A body whose call has ended may still be read, by a handler that was given up or a transport: it is never written again.
		call.Body = f.m.body.append(make([]byte, 0, f.size), &f.request)
		f.size = len(call.Body)
	case len(f.constant) > 0:
		call.Body = f.constant
	}
	return nil
}
