package gateway

import (
	"fmt"
	"io/fs"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Config holds the limits of the API.
type Config struct {
	MaxBodyBytes  int64         // of a request, above 0; a longer one is answered with 413
	BodyTimeout   time.Duration // of receiving a body that is no submission or change of a run; above 0
	CallTimeout   time.Duration // of the work that one request causes, submissions and streams apart; above 0
	SubmitTimeout time.Duration // of receiving a submission, and then of the work that it causes; above 0
	WriteTimeout  time.Duration // after which a client that does not read its stream is cut off; above 0
	KeepAlive     time.Duration // between signs of life on a silent stream; above 0
	ResultWait    time.Duration // how long a stream waits for the result of a run that has ended; above 0
	ShutdownGrace time.Duration // for requests under way when the service ends; above 0
	Hosts         []string      // names, apart from localhost, by which clients may reach a listener on loopback
	Token         string        // that every caller must show; empty: none, which is right on loopback only
	ReadToken     string        // that lets a caller look but change nothing; empty: none
	Targets       []string      // HOST, HOST:PORT, *.DOMAIN or CIDR that runs may aim at; empty: any
	ChangeAhead   time.Duration // from a change of a live run to the first second that it may be about; above the schedulers' lead
	Scenarios     fs.FS         // the scenario files that the start form offers; nil: none
}

// DefaultConfig returns the limits that are right unless something speaks against them.
func DefaultConfig() Config {
	return Config{
		MaxBodyBytes:  4<<20 + scenario.MaxData,
		BodyTimeout:   10 * time.Second,
		CallTimeout:   10 * time.Second,
		SubmitTimeout: time.Minute,
		WriteTimeout:  10 * time.Second,
		KeepAlive:     15 * time.Second,
		ResultWait:    10 * time.Second,
		ShutdownGrace: 3 * time.Second,
		ChangeAhead:   1250 * time.Millisecond,
	}
}

// Validate reports the first value out of range; the error matches load.ErrInvalid.
func (c *Config) Validate() error {
	if c.MaxBodyBytes < 1 {
		return fmt.Errorf("gateway: a body limit of %d bytes: %w", c.MaxBodyBytes, load.ErrInvalid)
	}
	for name, d := range map[string]time.Duration{
		"body timeout": c.BodyTimeout, "call timeout": c.CallTimeout, "submit timeout": c.SubmitTimeout, "write timeout": c.WriteTimeout, "keep-alive": c.KeepAlive,
		"result wait": c.ResultWait, "shutdown grace": c.ShutdownGrace, "change ahead": c.ChangeAhead,
	} {
		if d <= 0 {
			return fmt.Errorf("gateway: a %s of %v: %w", name, d, load.ErrInvalid)
		}
	}
	if err := load.CheckTargets(c.Targets); err != nil {
		return fmt.Errorf("gateway: %w", err)
	}
	return c.checkTokens()
}
