package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

const masked = "***"

// secrets are texts that a trace must not show: the values of --env, and whatever was seen in a place for secrets.
type secrets struct {
	mu     sync.Mutex
	values []string // the longest first
}

func newSecrets(env map[string]string) *secrets {
	s := &secrets{}
	for _, value := range env {
		s.learn(value)
	}
	return s
}

// learn adds a value, in each form in which it may stand in a text.
func (s *secrets) learn(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, form := range load.Forms(value) {
		if !slices.Contains(s.values, form) {
			s.values = append(s.values, form)
		}
	}
	slices.SortFunc(s.values, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
}

// mask takes all known values out of a text.
func (s *secrets) mask(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, value := range s.values {
		text = strings.ReplaceAll(text, value, masked)
	}
	return text
}

// sensitive reports whether a header, a field or a parameter of this name holds a secret.
func sensitive(name string) bool {
	name = strings.NewReplacer("-", "", "_", "", ".", "", " ", "").Replace(strings.ToLower(name))
	for _, about := range []string{"type", "expires", "expiresin", "expiry", "url", "count"} { // as in token_type
		if strings.HasSuffix(name, about) {
			return false
		}
	}
	for _, word := range []string{
		"password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "credential", "authorization",
		"cookie", "sessionid", "signature",
	} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return slices.Contains([]string{"pwd", "auth", "xauth", "jwt", "sid", "pin", "otp", "session"}, name)
}

// learnHeaders learns the values of --header.
func (s *secrets) learnHeaders(headers []string) {
	for _, text := range headers {
		if h, err := load.ParseHeader(text); err == nil {
			s.learn(h.Value)
		}
	}
}

// learnFields learns the secrets in header fields.
func (s *secrets) learnFields(fields []scenario.Field) {
	for _, f := range fields {
		if !sensitive(f.Name) {
			continue
		}
		switch strings.ToLower(f.Name) {
		case "cookie":
			for pair := range strings.SplitSeq(f.Value, ";") {
				s.learnPair(pair)
			}
		case "set-cookie":
			pair, _, _ := strings.Cut(f.Value, ";")
			s.learnPair(pair)
		default:
			s.learn(f.Value[strings.LastIndexByte(f.Value, ' ')+1:]) // without a scheme such as Bearer
		}
	}
}

func (s *secrets) learnPair(pair string) {
	_, value, _ := strings.Cut(pair, "=")
	s.learn(strings.TrimSpace(value))
}

// field is the value of a header field as it may be shown.
func (s *secrets) field(f scenario.Field) string {
	switch {
	case sensitive(f.Name):
		return masked
	case strings.EqualFold(f.Name, "Location"), strings.EqualFold(f.Name, "Referer"):
		return s.url(f.Value)
	}
	return s.mask(f.Value)
}

// url is a URL as it may be shown.
func (s *secrets) url(address string) string {
	path, query, ok := strings.Cut(address, "?")
	if !ok {
		return s.mask(address)
	}
	return s.mask(path) + "?" + s.form(query)
}

// form is a form or a query as it may be shown.
func (s *secrets) form(text string) string {
	pairs := strings.Split(text, "&")
	for i, pair := range pairs {
		name, value, ok := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil && ok && sensitive(plain) {
			if plain, err := url.QueryUnescape(value); err == nil {
				s.learn(plain)
			}
			pairs[i] = name + "=" + masked
		}
	}
	return s.mask(strings.Join(pairs, "&"))
}

// body is a body as it may be shown.
func (s *secrets) body(kind, text string) string {
	switch {
	case strings.Contains(kind, "x-www-form-urlencoded"):
		return s.form(text)
	case strings.Contains(kind, "multipart/"):
		return s.mask(s.parts(text))
	}
	return s.mask(s.json(text))
}

// looseField finds the sensitive fields of something like JSON that cannot be parsed.
var looseField = regexp.MustCompile(`("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,}\]]+)`)

// json masks the sensitive fields of a JSON text, or of several, and leaves the rest as it stands.
func (s *secrets) json(text string) string {
	spans, err := s.jsonSecrets(text)
	if err != nil {
		return looseField.ReplaceAllStringFunc(text, func(field string) string {
			part := looseField.FindStringSubmatch(field)
			if !sensitive(strings.Trim(part[1], `"`)) {
				return field
			}
			s.learn(strings.Trim(part[3], `"`))
			return part[1] + part[2] + `"` + masked + `"`
		})
	}
	var b strings.Builder
	at := 0
	for _, span := range spans {
		b.WriteString(text[at:span[0]] + `"` + masked + `"`)
		at = span[1]
	}
	return b.String() + text[at:]
}

// jsonSecrets finds the values of sensitive fields, outermost, in order.
func (s *secrets) jsonSecrets(text string) (spans [][2]int, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var walk func(secret bool) error
	walk = func(secret bool) error {
		token, err := d.Token()
		if err != nil {
			return err
		}
		if secret {
			if value, ok := token.(string); ok {
				s.learn(value)
			}
		}
		delim, isDelim := token.(json.Delim)
		for isDelim && d.More() {
			inner := secret
			if delim == '{' {
				key, err := d.Token()
				if err != nil {
					return err
				}
				name, _ := key.(string)
				inner = secret || sensitive(name)
			}
			from := int(d.InputOffset())
			if err := walk(inner); err != nil {
				return err
			}
			if inner && !secret {
				from += strings.IndexFunc(text[from:], func(r rune) bool { return !strings.ContainsRune(" \t\r\n:,", r) })
				spans = append(spans, [2]int{from, int(d.InputOffset())})
			}
		}
		if isDelim {
			if _, err := d.Token(); err != nil {
				return err
			}
		}
		return nil
	}
	for strings.TrimSpace(text[d.InputOffset():]) != "" {
		if err := walk(false); err != nil {
			return nil, err
		}
	}
	return spans, nil
}

// formPart finds the parts of a multipart body: its head with a name, its content.
var formPart = regexp.MustCompile(`(?s)(name="([^"]*)"[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n)(.*?)(\r?\n--)`)

// parts masks the sensitive parts of a multipart form.
func (s *secrets) parts(text string) string {
	return formPart.ReplaceAllStringFunc(text, func(part string) string {
		found := formPart.FindStringSubmatch(part)
		if !sensitive(found[2]) {
			return part
		}
		s.learn(found[3])
		return found[1] + masked + found[4]
	})
}

// contentType is the media type that header fields give.
func contentType(fields []scenario.Field) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, "Content-Type") {
			return strings.ToLower(f.Value)
		}
	}
	return "no content type"
}

// isText reports whether a body can be shown.
func isText(body []byte) bool {
	return utf8.Valid(body) && bytes.IndexByte(body, 0) < 0
}
