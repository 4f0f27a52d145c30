package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	password = `p"ä&ss=1`
	token    = "t0k3n-value"
)

var profile = run.Login{
	URL: "/auth/login", Body: `{"username": "{{user}}", "password": "{{password}}"}`, Token: "access_token", PasswordEnv: "API_PASSWORD",
}

// env is an environment.
func env(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

var known = env(map[string]string{"API_PASSWORD": password})

// serve starts a server and returns a client of it.
func serve(t *testing.T, l run.Login, handler http.HandlerFunc) Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return Client{Profile: l, Target: server.URL + "/", Transport: &http.Transport{}, Getenv: known}
}

func answer(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func with(change func(*run.Login)) run.Login {
	l := profile
	change(&l)
	return l
}

func TestLogin(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	c := serve(t, profile, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Method + " " + r.URL.Path + " " + r.Header.Get("Content-Type") + " " + string(body)
		fmt.Fprintf(w, `{"access_token": %q}`, token)
	})
	header, secret, err := c.Login(t.Context(), "alice@example.com")
	require.NoError(t, err)
	require.Equal(t, run.Pair{Name: "Authorization", Value: "Bearer " + token}, header)
	require.Equal(t, token, secret)
	request := <-got
	const head = "POST /auth/login application/json "
	require.Equal(t, head, request[:len(head)])
	var body map[string]string
	require.NoError(t, json.Unmarshal([]byte(request[len(head):]), &body))
	require.Equal(t, map[string]string{"username": "alice@example.com", "password": password}, body)
}

func TestAForm(t *testing.T) {
	t.Parallel()
	l := with(func(l *run.Login) {
		l.ContentType, l.Body = "application/x-www-form-urlencoded", "user={{user}}&password={{password}}"
		l.Method, l.URL = "put", "login"
	})
	got := make(chan []string, 1)
	c := serve(t, l, func(w http.ResponseWriter, r *http.Request) {
		got <- []string{r.Method, r.URL.Path, r.PostFormValue("user"), r.PostFormValue("password")}
		fmt.Fprint(w, `{"access_token": "x"}`)
	})
	_, _, err := c.Login(t.Context(), "a&b")
	require.NoError(t, err)
	require.Equal(t, []string{"PUT", "/login", "a&b", password}, <-got)
}

func TestWhereTheTokenIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		l      run.Login
		answer http.HandlerFunc
		want   run.Pair
	}{
		{
			with(func(l *run.Login) { l.Token, l.Send = "data.tokens.1.value", "X-Session: {{token}}" }),
			answer(`{"data": {"tokens": [{}, {"value": "abc"}]}}`),
			run.Pair{Name: "X-Session", Value: "abc"},
		},
		{
			with(func(l *run.Login) { l.Token, l.Header = "", "X-Token" }),
			func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X-Token", "abc") },
			run.Pair{Name: "Authorization", Value: "Bearer abc"},
		},
		{
			with(func(l *run.Login) { l.Token, l.Cookie = "", "session" }),
			func(w http.ResponseWriter, r *http.Request) {
				http.SetCookie(w, &http.Cookie{Name: "session", Value: "abc"})
				http.Redirect(w, r, "/home", http.StatusSeeOther)
			},
			run.Pair{Name: "Cookie", Value: "session=abc"},
		},
	}
	for _, test := range tests {
		header, secret, err := serve(t, test.l, test.answer).Login(t.Context(), "alice")
		require.NoError(t, err)
		require.Equal(t, test.want, header)
		require.Equal(t, "abc", secret)
	}
}

func TestLoginsThatFail(t *testing.T) {
	t.Parallel()
	byHeader := with(func(l *run.Login) { l.Token, l.Header = "", "X-Token" })
	byCookie := with(func(l *run.Login) { l.Token, l.Cookie = "", "session" })
	tests := []struct {
		l      run.Login
		answer http.HandlerFunc
		want   string // of the error, after the URL
	}{
		{profile, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, password, http.StatusUnauthorized) }, ": status 401"},
		{profile, answer("<html>" + token), ": status 200, but it is not JSON"},
		{profile, answer(`{"token": "` + token + `"}`), ": status 200, but it has no text at access_token"},
		{profile, answer(`{"access_token": 7}`), ": status 200, but it has no text at access_token"},
		{profile, answer(`{"access_token": ""}`), ": status 200, but it has no text at access_token"},
		{with(func(l *run.Login) { l.Token = "tokens.1" }), answer(`{"tokens": ["x"]}`), ": status 200, but it has no tokens.1"},
		{byHeader, answer(""), ": status 200, but it has no header X-Token"},
		{byCookie, answer(""), ": status 200, but it sets no cookie session"},
	}
	for _, test := range tests {
		test.l.URL += "?key=s3cret"
		c := serve(t, test.l, test.answer)
		_, _, err := c.Login(t.Context(), "alice")
		require.ErrorIs(t, err, load.ErrInvalid)
		require.EqualError(t, err, "auth-as: login as alice at "+c.Target+"auth/login"+test.want)
	}
	_, _, err := serve(t, profile, answer(`{"access_token": "a\r\nX-Admin: 1"}`)).Login(t.Context(), "alice")
	require.EqualError(t, err, "auth-as: login as alice: the token cannot be sent in a header")
}

func TestLoginsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	for _, abort := range []http.HandlerFunc{
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, token)
		},
	} {
		c := serve(t, with(func(l *run.Login) { l.URL += "?key=s3cret" }), abort)
		_, _, err := c.Login(t.Context(), "alice")
		require.ErrorIs(t, err, load.ErrUnavailable)
		require.ErrorContains(t, err, "login as alice at "+c.Target+"auth/login: unavailable: ")
		for _, secret := range []string{password, token, "s3cret"} {
			require.NotContains(t, err.Error(), secret)
		}
	}
	for _, url := range []string{"ftp://shop.test/?key=s3cret", "http://%s3cret@shop.test/"} {
		_, _, err := serve(t, with(func(l *run.Login) { l.URL = url }), answer("")).Login(t.Context(), "alice")
		require.EqualError(t, err, "auth-profile: method and url do not make a request over http or https")
	}
}

func TestAnInterruptedLogin(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := serve(t, profile, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that the client left
		cancel()
		<-r.Context().Done()
	})
	_, _, err := c.Login(ctx, "alice")
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, load.ErrInvalid)
}

func TestWhereThePasswordComesFrom(t *testing.T) {
	t.Parallel()
	asked := ""
	ask := func(_ context.Context, prompt string) (string, error) {
		asked = prompt
		return "typed", nil
	}
	tests := []struct {
		c    Client
		want string
	}{
		{Client{Profile: profile, Getenv: env(map[string]string{"API_PASSWORD": "a", PasswordVariable: "b"}), Ask: ask}, "a"},
		{Client{Profile: profile, Getenv: env(map[string]string{PasswordVariable: "b"}), Ask: ask}, "b"},
		{Client{Profile: profile, Ask: ask}, "typed"},
	}
	for _, test := range tests {
		require.Empty(t, asked)
		got, err := test.c.password(t.Context(), test.c.Profile, "alice")
		require.NoError(t, err)
		require.Equal(t, test.want, got)
	}
	require.Equal(t, "Password of alice: ", asked)

	_, err := Client{Profile: profile}.password(t.Context(), profile, "alice")
	require.EqualError(t, err, "auth-as: the password of alice is not known: set API_PASSWORD")
	_, err = Client{}.password(t.Context(), run.Login{}, "alice")
	require.EqualError(t, err, "auth-as: the password of alice is not known: set LOADPILOT_API_PASSWORD")
	gone := errors.New("gone")
	_, err = Client{Ask: func(context.Context, string) (string, error) { return "", gone }}.password(t.Context(), profile, "alice")
	require.ErrorIs(t, err, gone)
}

func TestProfiles(t *testing.T) {
	t.Parallel()
	read := func(text string) (run.Login, error) {
		file := filepath.Join(t.TempDir(), "auth.yaml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		return Read(file)
	}
	want := profile
	want.Method, want.ContentType, want.Send = "POST", "application/json", "Authorization: Bearer {{token}}"
	got, err := read(Example)
	require.NoError(t, err)
	require.Equal(t, want, got)
	inJSON, err := json.Marshal(profile)
	require.NoError(t, err)
	got, err = read(string(inJSON))
	require.NoError(t, err)
	require.Equal(t, want, got)

	for name, text := range map[string]string{
		"url is missing":                        "body: '{{user}} {{password}}'\ntoken: t",
		"body does not say where the name goes": "url: /x\nbody: '{{password}}'\ntoken: t",
		"passwords do not belong in files":      "url: /x\nbody: '{\"user\": \"{{user}}\", \"password\": \"hunter2\"}'\ntoken: t",
		"one of token, header and cookie":       "url: /x\nbody: '{{user}} {{password}}'",
		"one of token, header and cookie to":    "url: /x\nbody: '{{user}} {{password}}'\ntoken: t\ncookie: c",
		"send is not a header with":             "url: /x\nbody: '{{user}} {{password}}'\ntoken: t\nsend: 'Authorization: Bearer'",
		"send is not a header":                  "url: /x\nbody: '{{user}} {{password}}'\ntoken: t\nsend: 'Bearer {{token}}'",
		"field pass_word not found":             "url: /x\npass_word: hunter2",
		"EOF":                                   "",
	} {
		_, err := read(text)
		require.ErrorIs(t, err, load.ErrInvalid)
		require.ErrorContains(t, err, name)
		require.NotContains(t, err.Error(), "hunter2")
	}

	_, err = Read(filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorIs(t, err, load.ErrInvalid)
	require.ErrorContains(t, err, Example, "it shows what to write")
	_, _, err = Client{Profile: run.Login{}}.Login(t.Context(), "alice")
	require.ErrorIs(t, err, load.ErrInvalid, "one that a program gives is checked as well")
}
