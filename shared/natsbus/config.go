package natsbus

import (
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Defaults of a Config.
const (
	DefaultURL            = nats.DefaultURL
	DefaultConnectTimeout = 5 * time.Second
	DefaultExpiry         = 3 * time.Second
	DefaultEventsMaxBytes = 4_000_000_000 // halved it leaves some of a round number of GiB to the other streams
)

// Config says how to reach NATS, and how the streams and buckets are made that do not exist yet. Those that exist are left
// as their operator has tuned them.
type Config struct {
	URL       string                     // one or more, separated by commas; default nats://127.0.0.1:4222
	Creds     string                     // path of a credentials file; empty: none
	InProcess nats.InProcessConnProvider // a server in this process, used instead of URL
	Name      string                     // of the connection, for operators
	Logger    *slog.Logger               // default: none

	ConnectTimeout time.Duration // how long Connect tries
	Expiry         time.Duration // after which a lease, or a generator that fell silent, is forgotten; at least 100 ms
	EventsMaxBytes int64         // of the event stream, which refuses more; less where the disk is smaller
	Replicas       int           // of all streams, in a cluster; default 1
}

// withDefaults fills in what is not set. It fails with load.ErrInvalid.
func (c Config) withDefaults() (Config, error) {
	if c.URL == "" {
		c.URL = DefaultURL
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = DefaultConnectTimeout
	}
	if c.Expiry == 0 {
		c.Expiry = DefaultExpiry
	}
	if c.EventsMaxBytes == 0 {
		c.EventsMaxBytes = DefaultEventsMaxBytes
	}
	if c.Replicas == 0 {
		c.Replicas = 1
	}
	if c.InProcess == nil {
		var err error
		if c.URL, err = ParseURL(c.URL); err != nil {
			return Config{}, &load.FieldError{Field: "nats_url", Message: err.Error()}
		}
	}
	return c, nil
}

// errURL says nothing of the URL, which may hold a password.
var errURL = errors.New("not a URL such as nats://127.0.0.1:4222; special characters of a password must be percent-encoded")

// ParseURL returns the URLs of one or more servers, separated by commas, each with its scheme: nats:// where it has none.
func ParseURL(text string) (string, error) {
	servers := strings.Split(text, ",")
	for i, server := range servers {
		server = strings.TrimSpace(server)
		if !strings.Contains(server, "://") {
			server = "nats://" + server
		}
		u, err := url.Parse(server)
		if err != nil || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
			return "", errURL
		}
		servers[i] = server
	}
	return strings.Join(servers, ","), nil
}

// where names the server without credentials.
func (c Config) where() string {
	if c.InProcess != nil {
		return "NATS in this process"
	}
	servers := strings.Split(c.URL, ",")
	for i, server := range servers {
		u, err := url.Parse(server)
		if err != nil {
			return "NATS"
		}
		u.User = nil
		servers[i] = u.String()
	}
	return "NATS at " + strings.Join(servers, ",")
}
