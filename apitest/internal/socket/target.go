package socket

import (
	"context"
	"net/url"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Target is a server.
type Target struct {
	driver *httpdriver.Driver
	base   string // URL, without a slash at its end
	clock  pacer.Clock
	loop   *strand.Loop // nil: none
	alarm  pacer.Alarm
}

// Open returns the server that the calls of a configuration go to. Its connections end with ctx, which should be that of the run: in
// others exchanges take longer. The error is a *load.FieldError.
func Open(ctx context.Context, c run.Config, userAgent string) (*Target, error) {
	base := strings.TrimRight(c.Target, "/")
	if u, err := url.Parse(c.Path); err == nil && u.Host != "" { // the path is a URL
		base = u.Scheme + "://" + u.Host
	}
	t := &Target{base: base, clock: pacer.NewClock()}
	var err error
	t.driver, err = httpdriver.New(ctx, httpdriver.Config{
		Target: base, UserAgent: userAgent, Timeout: c.Timeout, Now: t.clock.Now,
		Transport: load.Transport{HTTP2: c.HTTP2, Insecure: c.Insecure},
	})
	if err != nil {
		return nil, &load.FieldError{Field: "target", Message: err.Error()}
	}
	if strings.HasPrefix(base, "http://") && !c.HTTP2 {
		t.loop, t.alarm = strand.New(t.clock.Alarm(), t.clock)
	}
	return t, nil
}

// Mode implements run.Target.
func (t *Target) Mode() run.Mode { return run.ModeSocket }

// Loop returns what the strands of the clients run on, with its clock; nil if they must run in goroutines. It is for one run at a time.
func (t *Target) Loop() (*strand.Loop, pacer.Clock) { return t.loop, t.clock }

// Close implements run.Target.
func (t *Target) Close() error {
	if t.alarm != nil {
		t.alarm.Close()
	}
	return nil
}

// NewClient implements run.Target. It opens a connection ahead of the first call. If that fails the call will tell.
func (t *Target) NewClient(ctx context.Context) (run.Client, error) {
	c := &client{target: t, session: t.driver.NewSession()}
	c.x.KeepBody = run.MaxSampleBody
	_, err := c.session.Connect(ctx)
	c.ahead = err == nil
	return c, nil
}
