package run

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// What makes a name secret: to be anywhere in it, or at the end of one of its words, for author, keyword and design are none.
var (
	secretParts   = []string{"authentication", "authorization", "cookie", "credential", "jwt", "passwd", "password", "secret", "session", "signature", "token"}
	secretEndings = []string{"auth", "key", "keys", "pass", "pwd", "sig"}
)

// Secret reports whether what a header, a parameter or a field has by that name is not to be shown.
func Secret(name string) bool {
	for _, word := range words(name) {
		if slices.ContainsFunc(secretEndings, func(ending string) bool { return strings.HasSuffix(word, ending) }) {
			return true
		}
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(name, part) })
}

// words takes a name such as X-Auth, api_key or accessKey apart, in lower case.
func words(name string) []string {
	var b strings.Builder
	lower := false
	for _, r := range name {
		if lower && unicode.IsUpper(r) {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return strings.FieldsFunc(b.String(), func(r rune) bool { return !unicode.IsLetter(r) })
}

// maxSearched is how many bytes of a payload are searched for secrets: what is longer was not written by hand.
const maxSearched = 64 << 10

// Fields of JSON and forms, which may be cut off or be templates.
var (
	fieldName = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"\s*:\s*|(?:^|[?&;\s"'(])([\w.%\[\]-]+)=`)
	jsonValue = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"?|\[(?:"(?:[^"\\]|\\.)*"?|[^"\]])*\]?|-?\d[\w.+-]*)`)
	formValue = regexp.MustCompile(`^[^&\s"<]+`)
)

// maskFields masks what fields in a text hold whose names are secret. It tells found of their texts, unless that is nil.
func maskFields(text string, found func(value string)) string {
	var b strings.Builder
	for {
		at := fieldName.FindStringSubmatchIndex(text)
		if at == nil {
			b.WriteString(text)
			return b.String()
		}
		name, shape, mask, texts := at[2:4], jsonValue, `"`+masked+`"`, jsonTexts
		if name[0] < 0 {
			name, shape, mask, texts = at[4:6], formValue, masked, formTexts
		}
		hidden := Secret(text[name[0]:name[1]])
		b.WriteString(text[:at[1]])
		text = text[at[1]:]
		value := shape.FindString(text)
		if !hidden || value == "" {
			continue
		}
		b.WriteString(mask)
		text = text[len(value):]
		if found != nil {
			for _, t := range texts(value) {
				found(t)
			}
		}
	}
}

// jsonTexts returns the texts in a JSON value: numbers are none, for they would be found everywhere.
func jsonTexts(value string) []string {
	var list []string
	if json.Unmarshal([]byte("["+strings.Trim(value, "[]")+"]"), &list) != nil {
		return nil
	}
	return list
}

// formTexts returns the value of a form's field as it is and as it is meant.
func formTexts(value string) []string {
	meant, err := url.QueryUnescape(value)
	if err != nil {
		return []string{value}
	}
	return []string{value, meant}
}
