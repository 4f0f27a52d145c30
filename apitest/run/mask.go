package run

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Ellipsis ends a text that was cut.
const Ellipsis = "…"

// masked stands for a value that nobody may see.
const masked = "***"

// Masked returns the configuration as it may be stored and shown: values that are secret by the name of their header, parameter or
// field of the payload are replaced, and the payload is cut at 4 KiB.
func (c Config) Masked() Config {
	c.Headers, c.Query = maskPairs(c.Headers, c.LoginHeader), maskPairs(c.Query, "")
	c.PathParams = maps.Clone(c.PathParams)
	for name := range c.PathParams {
		if Secret(name) {
			c.PathParams[name] = masked
		}
	}
	c.Path, c.Target = maskURL(c.Path), maskURL(c.Target)
	c.PayloadSum = c.payloadSum()
	c.Payload, c.Env = maskFields(cut(c.Payload, maxMaskedPayload), nil), nil
	return c
}

// maskPairs masks what is secret by its name, or has the given one.
func maskPairs(pairs []Pair, login string) []Pair {
	pairs = slices.Clone(pairs)
	for i := range pairs {
		if Secret(pairs[i].Name) || pairs[i].Name == login {
			pairs[i].Value = masked
		}
	}
	return pairs
}

// maskURL masks the user and the secret query parameters of a path or URL.
func maskURL(text string) string {
	path, query, hasQuery := strings.Cut(text, "?")
	if scheme, rest, ok := strings.Cut(path, "://"); ok && isAbsolute(path) {
		authority, _, _ := strings.Cut(rest, "/")
		if i := strings.LastIndexByte(authority, '@'); i >= 0 {
			path = scheme + "://" + masked + rest[i:]
		}
	}
	if !hasQuery {
		return path
	}
	pairs := strings.Split(query, "&")
	for i, pair := range pairs {
		if name, _, ok := strings.Cut(pair, "="); ok && Secret(name) {
			pairs[i] = name + "=" + masked
		}
	}
	return path + "?" + strings.Join(pairs, "&")
}

// cut shortens a text to at most n bytes and a mark.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n] + Ellipsis
}

// Seal makes a result of that configuration fit to be stored and shown: the configuration is masked, and its secrets and the given
// ones are taken out of it and of what the target said. Lists without entries become empty ones, as readers of JSON expect them.
func (r *Result) Seal(c Config, secrets ...string) {
	r.Errors, r.Windows = append([]ErrorSample{}, r.Errors...), append([]Window{}, r.Windows...)
	if r.StatusCodes == nil {
		r.StatusCodes = map[string]int64{}
	}
	if r.Classes == nil {
		r.Classes = map[string]int64{}
	}
	mask := c.masker(secrets)
	r.Config = c.Masked()
	r.Config.Payload = mask.text(r.Config.Payload)
	for _, pairs := range [][]Pair{r.Config.Headers, r.Config.Query} {
		for i := range pairs {
			pairs[i].Value = mask.text(pairs[i].Value)
		}
	}
	for i := range r.Errors {
		e := &r.Errors[i]
		e.Message, e.Body = maskFields(mask.text(e.Message), nil), maskFields(mask.text(e.Body), nil)
	}
	for i := range r.Warnings {
		r.Warnings[i] = mask.text(r.Warnings[i])
	}
}

// masker takes values out of texts.
type masker struct {
	*strings.Replacer

	forms []string // of the values
}

// masker returns what takes out what is secret in the configuration, and further values.
func (c Config) masker(further []string) masker {
	values := slices.AppendSeq(slices.Clip(further), maps.Values(c.Env))
	for _, h := range c.Headers {
		if Secret(h.Name) || h.Name == c.LoginHeader {
			values = append(values, h.Value)
			values = append(values, partsOf(h)...)
		}
	}
	for _, q := range slices.Concat(c.Query, queryOf(c.Path)) {
		if Secret(q.Name) {
			values = append(values, q.Value)
		}
	}
	for name, value := range c.PathParams {
		if Secret(name) {
			values = append(values, value)
		}
	}
	maskFields(c.Payload[:min(len(c.Payload), maxSearched)], func(value string) { values = append(values, value) })
	var m masker
	var s load.Secrets
	for _, value := range values {
		m.forms = append(m.forms, load.Forms(value)...)
		s.Credentials.Headers = append(s.Credentials.Headers, load.Header{Value: value})
	}
	m.Replacer = s.Mask()
	return m
}

// partsOf returns what targets that complain of a header show of its value: cookies one by one, or a token without its scheme.
func partsOf(header Pair) []string {
	if !strings.EqualFold(header.Name, "Cookie") {
		_, token, _ := strings.Cut(header.Value, " ")
		return []string{token}
	}
	var parts []string
	for cookie := range strings.SplitSeq(header.Value, ";") {
		_, value, _ := strings.Cut(cookie, "=")
		parts = append(parts, value)
	}
	return parts
}

// text masks a text. If it was cut within a value, the beginning of that is taken out as well.
func (m masker) text(text string) string {
	text, cut := strings.CutSuffix(m.Replace(text), Ellipsis)
	if !cut {
		return text
	}
	text = strings.TrimRight(text, " ") // what is left of a letter that was cut
	most := 0
	for _, form := range m.forms {
		for n := min(len(form)-1, len(text)); n > most; n-- {
			if strings.HasSuffix(text, form[:n]) {
				most = n
			}
		}
	}
	return text[:len(text)-most] + Ellipsis
}

// queryOf returns the query parameters in a path or URL, as they are and as they are meant.
func queryOf(path string) []Pair {
	_, query, _ := strings.Cut(path, "?")
	var pairs []Pair
	for text := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(text, "=")
		for _, value := range formTexts(value) {
			pairs = append(pairs, Pair{name, value})
		}
	}
	return pairs
}
