package service

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/auth"
	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Token logs a user in and returns the token. It fails as auth.Client.Login does.
func (s Service) Token(ctx context.Context, user string, inProcess, insecure bool) (string, error) {
	c, _ := s.complete(run.Config{InProcess: inProcess, Insecure: insecure, AuthAs: user})
	_, token, err := s.login(ctx, c)
	return token, err
}

// login logs in the user of a configuration, over a connection of its own or in-process, as the run will go.
func (s Service) login(ctx context.Context, c run.Config) (header run.Pair, token string, err error) {
	profile, err := s.profile()
	if err != nil {
		return run.Pair{}, "", err
	}
	client := auth.Client{Profile: profile, Target: cmp.Or(c.Target, origin(c.Path), s.Target), Getenv: s.Getenv, Ask: s.Ask}
	switch {
	case c.InProcess && c.Handler == nil:
		return run.Pair{}, "", errNoHandler
	case c.InProcess:
		client.Target, client.Transport = inProcessURL, inprocess.New(c.Handler)
	case client.Target == "" && !strings.Contains(profile.URL, "://"):
		return run.Pair{}, "", &load.FieldError{Field: "target", Message: "no URL given"}
	default:
		client.Transport = roundtrip.Sockets(c)()
		defer (&http.Client{Transport: client.Transport}).CloseIdleConnections()
	}
	return client.Login(ctx, c.AuthAs)
}

// profile returns how users are logged in: as the file says that was named, else the program, else the file of the project. A folder in
// which a program happens to run has no say in where the program sends passwords.
func (s Service) profile() (run.Login, error) {
	if s.Profile == "" && s.Login != nil {
		return *s.Login, nil
	}
	return auth.Read(cmp.Or(s.Profile, auth.DefaultFile))
}

// origin returns where a URL of HTTP leads; "" for others and for paths.
func origin(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.Scheme + "://" + u.Host
}
