package load

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Limits of credentials.
const (
	maxPEMBytes    = 256 << 10 // of CA, Cert and Key together
	maxHeaders     = 100
	maxHeaderBytes = 16 << 10 // of all names and values together
)

// minMasked is the length of the shortest value that is masked, in bytes; shorter ones would mask half of everything.
const minMasked = 4

// Credentials are what of a Transport is secret, and the certificates that belong to it. They are kept apart from the run
// record, and shown nowhere.
type Credentials struct {
	CA        string   `json:"ca,omitempty"`         // PEM: certificates that servers' are verified by, in place of the system's
	Cert      string   `json:"cert,omitempty"`       // PEM: certificate to show to servers that ask for one, with its chain
	Key       string   `json:"key,omitempty"`        // PEM: of Cert
	ProxyUser string   `json:"proxy_user,omitempty"` // USER:PASSWORD
	Headers   []Header `json:"headers,omitempty"`    // of each request to the target that has none of that name itself
}

// Header is a header field.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// reserved are the header fields that say how a message is framed and carried: they are made for each connection.
var reserved = []string{
	"connection", "content-length", "keep-alive", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}

// ParseHeader reads NAME: VALUE. Errors do not show the value.
func ParseHeader(text string) (Header, error) {
	name, value, ok := strings.Cut(text, ":")
	name, value = strings.TrimSpace(name), strings.Trim(value, " \t")
	switch {
	case !ok:
		return Header{}, fieldErrorf("headers", "one of them is not NAME: VALUE, such as X-Tenant: blue")
	case !isToken(name):
		return Header{}, fieldErrorf("headers", "one of them does not begin with a name of letters, digits and hyphens, followed by a colon")
	case slices.Contains(reserved, strings.ToLower(name)):
		return Header{}, fieldErrorf("headers", "%s is set for each connection and cannot be given", name)
	case strings.ContainsFunc(value, func(r rune) bool { return isControl(r) && r != '\t' || r > '~' }):
		return Header{}, fieldErrorf("headers", "the value of %s holds something else than printable ASCII", name)
	}
	return Header{Name: name, Value: value}, nil
}

// isToken reports whether s is a token of RFC 9110, as header names are.
func isToken(s string) bool {
	for _, r := range s {
		letter := r|0x20 >= 'a' && r|0x20 <= 'z'
		if !letter && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r) {
			return false
		}
	}
	return s != ""
}

// Any reports whether there is anything.
func (c Credentials) Any() bool {
	return c.CA != "" || c.Cert != "" || c.Key != "" || c.ProxyUser != "" || len(c.Headers) > 0
}

// Validate reports the first thing that is wrong, without any value. The error is a *FieldError.
func (c Credentials) Validate() error {
	if size := len(c.CA) + len(c.Cert) + len(c.Key); size > maxPEMBytes {
		return fieldErrorf("cacert", "certificates and key have %d bytes together, they may have %d KiB", size, maxPEMBytes>>10)
	}
	if c.CA != "" && !x509.NewCertPool().AppendCertsFromPEM([]byte(c.CA)) {
		return fieldErrorf("cacert", "there is no certificate in it, as PEM")
	}
	switch {
	case c.Cert == "" && c.Key != "":
		return fieldErrorf("cert", "a key goes with a certificate")
	case c.Cert != "" && c.Key == "":
		return fieldErrorf("key", "a certificate goes with a key")
	case c.Cert != "":
		if _, err := tls.X509KeyPair([]byte(c.Cert), []byte(c.Key)); err != nil {
			return fieldErrorf("cert", "it cannot be used with the key: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
	}
	size := 0
	for _, h := range c.Headers {
		size += len(h.Name) + len(h.Value)
	}
	switch {
	case len(c.Headers) > maxHeaders:
		return fieldErrorf("headers", "%d are too many, at most %d are possible", len(c.Headers), maxHeaders)
	case size > maxHeaderBytes:
		return fieldErrorf("headers", "names and values have %d bytes together, they may have %d KiB", size, maxHeaderBytes>>10)
	}
	return nil
}

// String says nothing, so that secrets are not printed by mistake.
func (c Credentials) String() string { return "credentials" }

// GoString is String.
func (c Credentials) GoString() string { return c.String() }

// values are the texts that must not be shown.
func (c Credentials) values() []string {
	var values []string
	if _, password, ok := strings.Cut(c.ProxyUser, ":"); ok {
		values = append(values, c.ProxyUser, password, base64.StdEncoding.EncodeToString([]byte(c.ProxyUser))) // as it is sent
	}
	for _, h := range c.Headers {
		values = append(values, h.Value)
		if _, token, ok := strings.Cut(h.Value, " "); ok && strings.EqualFold(h.Name, "Authorization") {
			values = append(values, token) // targets that complain of it leave the scheme out
		}
	}
	return values
}

// Secrets are what a run needs and nobody else may see: kept apart from its record, and deleted when it ends.
type Secrets struct {
	Env         Environment
	Credentials Credentials
}

// Any reports whether there is anything to keep.
func (s Secrets) Any() bool { return len(s.Env) > 0 || s.Credentials.Any() }

// Validate reports the first thing that is wrong, without any value. The error is a *FieldError.
func (s Secrets) Validate() error {
	if err := s.Env.Validate(); err != nil {
		return err
	}
	return s.Credentials.Validate()
}

// Mask returns what takes the values out of a text, in each of their forms.
func (s Secrets) Mask() *strings.Replacer {
	var forms []string
	for _, value := range append(slices.Collect(maps.Values(s.Env)), s.Credentials.values()...) {
		forms = append(forms, Forms(value)...)
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	var pairs []string
	for _, form := range forms { // of two that begin at the same place the first one counts: the longer one
		pairs = append(pairs, form, "***")
	}
	return strings.NewReplacer(pairs...)
}

// inSingleQuotes makes what was escaped for double quotes stand in single ones.
var inSingleQuotes = strings.NewReplacer(`\"`, `"`, `'`, `\'`)

// Forms returns a value as it may stand in a text: as it is, in URLs, in JSON, as Python shows it, and each of these within quotes. A
// value that is too short to be masked has none.
func Forms(value string) []string {
	if len(value) < minMasked {
		return nil
	}
	within := func(quoted string) string { return quoted[1 : len(quoted)-1] }
	marshalled, _ := json.Marshal(value) //nolint:errchkjson // a string always can be
	// Python takes single quotes when there are double ones in the text.
	single := func(text string) string { return inSingleQuotes.Replace(within(strconv.Quote(text))) }
	texts := []string{value, within(strconv.Quote(value)), within(string(marshalled)), single(value)}
	for _, text := range texts {
		texts = append(texts, strings.ReplaceAll(text, "/", `\/`)) // as PHP has it in JSON
	}
	forms := append(slices.Clone(texts), url.QueryEscape(value), url.PathEscape(value))
	for _, text := range texts { // the quotes may be of either kind
		forms = append(forms, within(strconv.Quote(text)), single(text), strings.ReplaceAll(text, `\`, `\\`))
	}
	slices.Sort(forms)
	return slices.Compact(forms)
}
