package run

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Trait is something that two runs must have in common to be compared.
type Trait struct{ Names, Value string } // Names: what several of them are called

// Traits returns what must be the same. The target is not among it: another one may be just what is asked about. A masked
// configuration has the same traits.
func (c Config) Traits() []Trait {
	c = c.WithDefaults().Masked()
	_, path := c.Place()
	query := make([]string, len(c.Query))
	for i, q := range c.Query {
		query[i] = q.Name + "=" + q.Value
	}
	http2 := "no"
	if c.HTTP2 {
		http2 = "yes"
	}
	return []Trait{
		{"modes", string(c.Mode())},
		{"protocols", string(c.Protocol)},
		{"methods", c.Method},
		{"paths", path},
		{"query parameters", cmp.Or(strings.Join(query, "&"), "none")},
		{"payloads", cmp.Or(c.PayloadSum, "none")},
		{"numbers of clients", strconv.Itoa(c.Clients)},
		{"rates", fmt.Sprint(c.Rate)},
		{"numbers of events", strconv.FormatInt(c.Events, 10)},
		{"answers to --http2", http2},
	}
}

// Key is the same of all runs that can be compared.
func (c Config) Key() string { return fmt.Sprintf("%q", c.Traits()) }

// Place returns where the requests go, "" in-process, and the path there.
func (c Config) Place() (target, path string) {
	if !isAbsolute(c.Path) {
		return c.Target, c.Path
	}
	scheme, rest, _ := strings.Cut(c.Path, "://")
	end := strings.IndexAny(rest+"/", "/?#")
	return scheme + "://" + rest[:end], "/" + strings.TrimPrefix(rest[end:], "/")
}

// generated is the sum of payloads that a function makes.
const generated = "generated"

// payloadSum tells payloads apart, of which only the beginning may be known later; "": there is none.
func (c Config) payloadSum() string {
	switch {
	case c.PayloadSum != "":
		return c.PayloadSum
	case c.PayloadFunc != nil:
		return generated
	case c.Payload == "":
		return ""
	}
	searched := min(len(c.Payload), maxSearched)
	shown := maskFields(c.Payload[:searched], nil) // a sum of a password is one that can be guessed from it
	sum := sha256.Sum256(fmt.Appendf(nil, "%t %s%s", c.RawPayload, shown, c.Payload[searched:]))
	return hex.EncodeToString(sum[:8])
}
