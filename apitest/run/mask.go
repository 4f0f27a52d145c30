package run

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/load"
)

// masked stands for a value that nobody may see.
const masked = "***"

// secret reports whether a header, a query parameter or a path parameter of that name is not to be shown.
func secret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"authorization", "cookie", "token", "secret", "password", "key"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}

// Masked returns the configuration as it may be stored and shown: values that are secret by the name of their header or
// parameter are replaced, and the payload is cut at 4 KiB.
func (c Config) Masked() Config {
	c.Headers, c.Query = maskPairs(c.Headers), maskPairs(c.Query)
	c.PathParams = maps.Clone(c.PathParams)
	for name := range c.PathParams {
		if secret(name) {
			c.PathParams[name] = masked
		}
	}
	c.Path, c.Target = maskURL(c.Path), maskURL(c.Target)
	c.PayloadSum = c.payloadSum()
	c.Payload, c.Env = cut(c.Payload, maxMaskedPayload), nil
	return c
}

func maskPairs(pairs []Pair) []Pair {
	pairs = slices.Clone(pairs)
	for i := range pairs {
		if secret(pairs[i].Name) {
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
		if name, _, ok := strings.Cut(pair, "="); ok && secret(name) {
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
	return text[:n] + "…"
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
	mask := c.secrets(secrets).Mask()
	r.Config = c.Masked()
	r.Config.Payload = mask.Replace(r.Config.Payload)
	for _, pairs := range [][]Pair{r.Config.Headers, r.Config.Query} {
		for i := range pairs {
			pairs[i].Value = mask.Replace(pairs[i].Value)
		}
	}
	for i := range r.Errors {
		r.Errors[i].Message, r.Errors[i].Body = mask.Replace(r.Errors[i].Message), mask.Replace(r.Errors[i].Body)
	}
	for i := range r.Warnings {
		r.Warnings[i] = mask.Replace(r.Warnings[i])
	}
}

// secrets returns what is secret in the configuration, and further values.
func (c Config) secrets(further []string) load.Secrets {
	s := load.Secrets{Env: c.Env}
	add := func(name, value string) {
		s.Credentials.Headers = append(s.Credentials.Headers, load.Header{Name: name, Value: value})
	}
	for _, pair := range slices.Concat(c.Headers, c.Query) {
		if secret(pair.Name) {
			add(pair.Name, pair.Value)
		}
	}
	for name, value := range c.PathParams {
		if secret(name) {
			add(name, value)
		}
	}
	for _, value := range further {
		add("", value)
	}
	return s
}
