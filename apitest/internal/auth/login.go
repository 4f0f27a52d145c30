package auth

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// PasswordVariable holds the password if the profile names no variable, or an empty one.
const PasswordVariable = "LOADPILOT_API_PASSWORD" //nolint:gosec // the name of the variable

const (
	timeout   = 30 * time.Second
	maxAnswer = 1 << 20
)

// Client logs users in.
type Client struct {
	Profile   run.Login
	Target    string // base URL of the API
	Transport http.RoundTripper
	Getenv    func(name string) string                                 // nil: the environment is empty
	Ask       func(ctx context.Context, prompt string) (string, error) // for a password; nil: nobody is there
}

// Login returns the header field that makes a request the user's, and the token in it. What is wrong, be it the profile, the password
// or the answer, is a *load.FieldError. It fails with load.ErrUnavailable if there is no answer.
func (c Client) Login(ctx context.Context, user string) (header run.Pair, token string, err error) {
	profile, err := complete(c.Profile)
	if err != nil {
		return run.Pair{}, "", err
	}
	password, err := c.password(ctx, profile, user)
	if err != nil {
		return run.Pair{}, "", err
	}
	if token, err = c.roundTrip(ctx, profile, user, password); err != nil {
		return run.Pair{}, "", err
	}
	parsed, err := load.ParseHeader(strings.ReplaceAll(profile.Send, tokenHole, token))
	if err != nil {
		return run.Pair{}, "", loginErrorf("login as %s: the token cannot be sent in a header", user)
	}
	return run.Pair(parsed), token, nil
}

func (c Client) password(ctx context.Context, profile run.Login, user string) (string, error) {
	if c.Getenv != nil {
		for _, name := range []string{profile.PasswordEnv, PasswordVariable} {
			if password := c.Getenv(name); password != "" {
				return password, nil
			}
		}
	}
	if c.Ask == nil {
		return "", loginErrorf("the password of %s is not known: set %s", user, cmp.Or(profile.PasswordEnv, PasswordVariable))
	}
	password, err := c.Ask(ctx, "Password of "+user+": ")
	if err != nil {
		return "", fmt.Errorf("ask for the password of %s: %w", user, err)
	}
	return password, nil
}

// roundTrip sends the name and the password, and returns the token.
func (c Client) roundTrip(ctx context.Context, profile run.Login, user, password string) (token string, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	at := profile.URL
	if !strings.Contains(at, "://") {
		at = strings.TrimRight(c.Target, "/") + "/" + strings.TrimLeft(at, "/")
	}
	escape := escaping(profile.ContentType)
	body := strings.NewReplacer(userHole, escape(user), passwordHole, escape(password)).Replace(profile.Body)
	request, err := http.NewRequestWithContext(ctx, profile.Method, at, strings.NewReader(body))
	if err != nil || request.URL.Scheme != "http" && request.URL.Scheme != "https" {
		return "", profileErrorf("method and url do not make a request over http or https")
	}
	request.Header.Set("Content-Type", profile.ContentType)
	request.Header.Set("Accept", "application/json, */*")
	client := http.Client{
		Transport:     c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, // the answer has the cookie
	}
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return "", failed(ctx, user, request, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= http.StatusBadRequest {
		return "", loginErrorf("login as %s at %s: status %d", user, place(request), answer.StatusCode)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return "", failed(ctx, user, request, err)
	}
	if token, err = find(profile, answer, text); err != nil {
		return "", loginErrorf("login as %s at %s: status %d, but %v", user, place(request), answer.StatusCode, err)
	}
	return token, nil
}

// failed names what kept an answer from coming.
func failed(ctx context.Context, user string, request *http.Request, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return fmt.Errorf("login as %s: %w", user, context.Cause(ctx))
	}
	if cause, ok := errors.AsType[*url.Error](err); ok { // it would show the query
		err = cause.Err
	}
	return fmt.Errorf("login as %s at %s: %w: %w", user, place(request), load.ErrUnavailable, err)
}

// place returns a URL without what may be secret in it.
func place(request *http.Request) string {
	u := *request.URL
	u.RawQuery = ""
	return u.Redacted()
}

// escaping returns what makes a value fit for a body of that type.
func escaping(contentType string) func(string) string {
	switch {
	case strings.Contains(contentType, "json"):
		return func(value string) string {
			quoted, _ := json.Marshal(value) //nolint:errchkjson // a string always can be
			return string(quoted[1 : len(quoted)-1])
		}
	case strings.Contains(contentType, "form-urlencoded"):
		return url.QueryEscape
	default:
		return func(value string) string { return value }
	}
}

// find returns the token in an answer. Errors do not show the answer.
func find(profile run.Login, answer *http.Response, body []byte) (string, error) {
	switch {
	case profile.Header != "":
		if token := answer.Header.Get(profile.Header); token != "" {
			return token, nil
		}
		return "", fmt.Errorf("it has no header %s", profile.Header)
	case profile.Cookie != "":
		for _, cookie := range answer.Cookies() {
			if cookie.Name == profile.Cookie && cookie.Value != "" {
				return cookie.Value, nil
			}
		}
		return "", fmt.Errorf("it sets no cookie %s", profile.Cookie)
	}
	var at any
	if json.Unmarshal(body, &at) != nil {
		return "", errors.New("it is not JSON")
	}
	for name := range strings.SplitSeq(profile.Token, ".") {
		switch value := at.(type) {
		case map[string]any:
			at = value[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(value) {
				return "", fmt.Errorf("it has no %s", profile.Token)
			}
			at = value[i]
		default:
			at = nil
		}
	}
	token, ok := at.(string)
	if !ok || token == "" {
		return "", fmt.Errorf("it has no text at %s", profile.Token)
	}
	return token, nil
}

func loginErrorf(format string, args ...any) error {
	return &load.FieldError{Field: "auth-as", Message: fmt.Sprintf(format, args...)}
}
