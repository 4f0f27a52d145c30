package natsbus

import (
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
		for server := range strings.SplitSeq(c.URL, ",") {
			if _, err := url.Parse(strings.TrimSpace(server)); err != nil { // its text would show a password
				return Config{}, &load.FieldError{Field: "nats_url", Message: "not a URL"}
			}
		}
	}
	return c, nil
}

// where names the server without credentials.
func (c Config) where() string {
	if c.InProcess != nil {
		return "NATS in this process"
	}
	servers := strings.Split(c.URL, ",")
	for i, server := range servers {
		u, err := url.Parse(strings.TrimSpace(server))
		if err != nil {
			continue
		}
		u.User = nil
		servers[i] = u.String()
	}
	return "NATS at " + strings.Join(servers, ",")
}
