package run

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Mode says how requests reach the code under test. Results of different modes are never compared.
type Mode string

// The modes.
const (
	ModeSocket    Mode = "socket"     // over a connection, with a server
	ModeInProcess Mode = "in-process" // a handler is called
)

// Protocol says what one exchange is.
type Protocol string

// The protocols.
const (
	ProtocolHTTP      Protocol = "http"
	ProtocolStream    Protocol = "stream" // SSE or chunks: events are counted, the end of the body is not waited for
	ProtocolWebSocket Protocol = "websocket"
	ProtocolGRPC      Protocol = "grpc"
)

// Defaults and limits.
const (
	DefaultRequests = 100
	DefaultClients  = 10
	DefaultTimeout  = 30 * time.Second
	DefaultEvents   = 10 // of a stream without a Duration
	MaxClients      = 10_000
	MaxSamples      = 100     // error samples of a run
	MaxSampleBody   = 1 << 10 // bytes of a body that a sample shows
	MaxRedirects    = 10
	MaxWindows      = 64 // entries of Result.Windows
)

// maxMaskedPayload is how many bytes of a payload are stored and shown.
const maxMaskedPayload = 4 << 10

// PayloadFunc returns the body of request n, counted from 0. It is called by several clients at once; the engine does not keep
// the slice after the request.
type PayloadFunc func(n int64) ([]byte, error)

// Config says what to do. The zero value of each field is its default.
type Config struct {
	Method     string            `json:"method"`                // GET; WS and GRPC for those protocols
	Path       string            `json:"path"`                  // with {placeholders}; or an absolute URL; gRPC: package.Service/Method
	PathParams map[string]string `json:"path_params,omitempty"` // values may be templates
	Query      []Pair            `json:"query,omitempty"`       // appended in order, escaped; values may be templates
	Headers    []Pair            `json:"headers,omitempty"`     // values may be templates
	Payload    string            `json:"payload,omitempty"`     // a template unless RawPayload; "": none
	RawPayload bool              `json:"raw_payload,omitempty"`
	PayloadSum string            `json:"payload_sum,omitempty"` // of a masked configuration: tells payloads apart
	DataFile   string            `json:"data_file,omitempty"`   // CSV with a header line, for {{row.COLUMN}}
	Requests   int64             `json:"requests"`              // 100; 0 with Duration: no limit
	Clients    int               `json:"clients"`               // 10
	Duration   time.Duration     `json:"-"`                     // duration_secs; 0: until Requests are done
	Rate       float64           `json:"rate,omitempty"`        // planned requests a second; 0: as fast as the clients go
	Timeout    time.Duration     `json:"-"`                     // timeout_secs; 30 s
	Protocol   Protocol          `json:"protocol"`              // http, or stream if that is what a GET is answered with
	Events     int64             `json:"events,omitempty"`      // stream, websocket: events after which an exchange ends; stream without Duration: 10
	Redirects  int               `json:"redirects,omitempty"`   // followed at most; 0: none is, as in httpx
	InProcess  bool              `json:"in_process"`
	Target     string            `json:"target,omitempty"`  // base URL in mode socket
	AuthAs     string            `json:"auth_as,omitempty"` // the name only
	HTTP2      bool              `json:"http2,omitempty"`
	Insecure   bool              `json:"insecure,omitempty"`
	Seed       uint64            `json:"seed,omitempty"` // of random template values; 0: another one in each run

	LoginHeader string           `json:"-"` // that AuthAs adds: secret, whatever its name is
	Unsaid      bool             `json:"-"` // nobody has said whether answers are streams
	PayloadFunc PayloadFunc      `json:"-"` // in place of Payload
	Env         load.Environment `json:"-"` // what templates may see of the environment, as {{env.NAME}}
	Handler     http.Handler     `json:"-"` // in place of the service's, in-process
}

// Pair is a header field or a query parameter. Order and repetition count.
type Pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Mode returns how the requests travel.
func (c Config) Mode() Mode {
	if c.InProcess {
		return ModeInProcess
	}
	return ModeSocket
}

// WithDefaults returns the configuration with every default filled in.
func (c Config) WithDefaults() Config {
	if c.Protocol == "" {
		c.Protocol = ProtocolHTTP
	}
	if c.Method == "" {
		c.Method = http.MethodGet
	}
	switch c.Protocol {
	case ProtocolWebSocket:
		c.Method = "WS"
	case ProtocolGRPC:
		c.Method = "GRPC"
	default:
		c.Method = strings.ToUpper(c.Method)
	}
	if c.Requests == 0 && c.Duration == 0 {
		c.Requests = DefaultRequests
	}
	if c.Events == 0 && c.Duration == 0 && c.Protocol == ProtocolStream {
		c.Events = DefaultEvents
	}
	if c.Clients == 0 {
		c.Clients = DefaultClients
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Seed == 0 {
		c.Seed = 1 + uint64(rand.Uint32()) //nolint:gosec // short, for it is in the result to be typed again
	}
	return c
}

// Validate reports the first thing that is wrong, without any value of a header. The error is a *load.FieldError that names the
// flag.
func (c Config) Validate() error {
	switch {
	case !slices.Contains([]Protocol{"", ProtocolHTTP, ProtocolStream, ProtocolWebSocket, ProtocolGRPC}, c.Protocol):
		return fieldErrorf("protocol", "%q is none", c.Protocol)
	case strings.ContainsFunc(c.Method, func(r rune) bool { return r|0x20 < 'a' || r|0x20 > 'z' }):
		return fieldErrorf("method", "%q is not a method such as GET", c.Method)
	case c.Requests < 0:
		return fieldErrorf("requests", "%d is below 0", c.Requests)
	case c.Clients < 0 || c.Clients > MaxClients:
		return fieldErrorf("clients", "%d is not between 1 and %d", c.Clients, MaxClients)
	case c.Duration < 0:
		return fieldErrorf("duration", "%s is below 0", c.Duration)
	case c.Timeout < 0:
		return fieldErrorf("timeout", "%s is below 0", c.Timeout)
	case c.Rate < 0 || math.IsNaN(c.Rate) || math.IsInf(c.Rate, 0):
		return fieldErrorf("rate", "%v is not a number of requests a second", c.Rate)
	case c.Events < 0:
		return fieldErrorf("events", "%d is below 0", c.Events)
	case c.Redirects < 0 || c.Redirects > MaxRedirects:
		return fieldErrorf("redirects", "%d is not between 0 and %d", c.Redirects, MaxRedirects)
	}
	for _, check := range []func() error{c.validatePath, c.validateTarget, c.validatePairs} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Config) validatePath() error {
	shown := maskURL(c.Path)
	switch {
	case c.Path == "":
		return fieldErrorf("path", "none given")
	case !strings.HasPrefix(c.Path, "/") && !isAbsolute(c.Path) && c.Protocol != ProtocolGRPC:
		return fieldErrorf("path", "%q does not begin with /", shown)
	case isAbsolute(c.Path) && c.InProcess:
		return fieldErrorf("path", "%s is a URL, and no handler of this process answers those", shown)
	case strings.ContainsFunc(c.Path, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return fieldErrorf("path", "%q holds a blank or a control character; percent-encode it", shown)
	}
	names := map[string]bool{}
	for _, s := range Segments(c.Path) {
		switch {
		case s.Name != "" && c.PathParams[s.Name] == "":
			return fieldErrorf("path-param", "path %s needs a value for %s: --path-param %s=VALUE", shown, s.Name, s.Name)
		case s.Name == "" && strings.ContainsAny(s.Text, "{}"):
			return fieldErrorf("path", "%s has a brace without its other half, or nothing in them", shown)
		}
		names[s.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(c.PathParams)) {
		if !names[name] {
			return fieldErrorf("path-param", "path %s has no {%s}", shown, name)
		}
	}
	return nil
}

func (c Config) validateTarget() error {
	if c.InProcess || isAbsolute(c.Path) {
		return nil
	}
	u, err := url.Parse(c.Target)
	shown := maskURL(c.Target)
	switch {
	case c.Target == "":
		return fieldErrorf("target", "no URL given")
	case err == nil && u.User != nil, err != nil && strings.Contains(c.Target, "@"):
		return fieldErrorf("target", "credentials do not belong in the target; send a header")
	case err != nil:
		return fieldErrorf("target", "%q is not a URL", shown)
	case u.Host == "":
		return fieldErrorf("target", "%q is not a URL such as http://127.0.0.1:8000", shown)
	case u.RawQuery != "" || u.Fragment != "":
		return fieldErrorf("target", "%q must not carry a query or a fragment", shown)
	}
	return nil
}

func (c Config) validatePairs() error {
	for _, h := range c.Headers {
		if _, err := load.ParseHeader(h.Name + ": " + h.Value); err != nil {
			if field, ok := errors.AsType[*load.FieldError](err); ok {
				return &load.FieldError{Field: "header", Message: field.Message}
			}
			return err
		}
	}
	for _, q := range c.Query {
		if q.Name == "" {
			return fieldErrorf("query", "one of them has no name")
		}
	}
	return nil
}

func fieldErrorf(field, format string, args ...any) error {
	return &load.FieldError{Field: field, Message: fmt.Sprintf(format, args...)}
}

// plain is a Config that is encoded field by field.
type plain Config

// encoded is a Config as JSON.
type encoded struct {
	plain

	DurationSecs float64 `json:"duration_secs,omitempty"`
	TimeoutSecs  float64 `json:"timeout_secs"`
}

// MarshalJSON encodes the configuration, with durations in seconds.
func (c Config) MarshalJSON() ([]byte, error) {
	return json.Marshal(encoded{plain: plain(c), DurationSecs: c.Duration.Seconds(), TimeoutSecs: c.Timeout.Seconds()})
}

// UnmarshalJSON decodes what MarshalJSON encoded.
func (c *Config) UnmarshalJSON(text []byte) error {
	var e encoded
	if err := json.Unmarshal(text, &e); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	*c = Config(e.plain)
	c.Duration, c.Timeout = duration(e.DurationSecs), duration(e.TimeoutSecs)
	return nil
}

func duration(secs float64) time.Duration {
	return time.Duration(math.Round(secs * float64(time.Second)))
}
