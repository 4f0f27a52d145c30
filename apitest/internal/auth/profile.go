package auth

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// DefaultFile is where the profile of a project is.
const DefaultFile = ".loadpilot/auth.yaml"

// Example is a profile.
const Example = `url: /auth/login
body: '{"username": "{{user}}", "password": "{{password}}"}'
token: access_token
send: "Authorization: Bearer {{token}}"
password_env: API_PASSWORD
`

// What stands for values in profiles.
const (
	userHole     = "{{user}}"
	passwordHole = "{{password}}"
	tokenHole    = "{{token}}"
)

// Read reads a profile, YAML or JSON. The error is a *load.FieldError.
func Read(file string) (run.Login, error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return run.Login{}, profileErrorf("there is no file %s, which says how to log in. For example:\n\n%s", file, Example)
	}
	if err != nil {
		return run.Login{}, profileErrorf("%v", err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text)) // JSON is YAML
	decoder.KnownFields(true)
	var l run.Login
	if err := decoder.Decode(&l); err != nil {
		return run.Login{}, profileErrorf("%s: %v", file, err)
	}
	if l, err = complete(l); err != nil {
		return run.Login{}, fmt.Errorf("%w (%s)", err, file)
	}
	return l, nil
}

// complete fills in defaults and reports what is wrong.
func complete(l run.Login) (run.Login, error) {
	l.Method = strings.ToUpper(cmp.Or(l.Method, "POST"))
	l.ContentType = cmp.Or(l.ContentType, "application/json")
	places := 0
	for _, place := range []string{l.Token, l.Header, l.Cookie} {
		if place != "" {
			places++
		}
	}
	if l.Send == "" {
		l.Send = "Authorization: Bearer " + tokenHole
		if l.Cookie != "" {
			l.Send = "Cookie: " + l.Cookie + "=" + tokenHole
		}
	}
	_, err := load.ParseHeader(l.Send)
	switch {
	case l.URL == "":
		return l, profileErrorf("url is missing: where to log in, such as /auth/login")
	case !strings.Contains(l.Body, userHole):
		return l, profileErrorf("body does not say where the name goes: write %s", userHole)
	case !strings.Contains(l.Body, passwordHole):
		return l, profileErrorf("body does not say where the password goes: write %s, for passwords do not belong in files", passwordHole)
	case places != 1:
		return l, profileErrorf("it takes one of token, header and cookie to say where the token is in the answer")
	case !strings.Contains(l.Send, tokenHole) || err != nil:
		return l, profileErrorf("send is not a header with %s, such as %q", tokenHole, "Authorization: Bearer "+tokenHole)
	}
	return l, nil
}

func profileErrorf(format string, args ...any) error {
	return &load.FieldError{Field: "auth-profile", Message: fmt.Sprintf(format, args...)}
}
