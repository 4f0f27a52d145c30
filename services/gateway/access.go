package gateway

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
)

// CheckListener reports a listener that others than this host can reach while nobody is asked for a token; the error matches
// load.ErrInvalid.
func (c *Config) CheckListener(addr net.Addr) error {
	if tcp, ok := addr.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && c.Token == "" {
		return &load.FieldError{Field: "token", Message: fmt.Sprintf("needed, because others than this host can reach %s", addr)}
	}
	return nil
}

// checkTokens reports tokens that cannot be sent, or that do not tell those who may change something from those who may not.
func (c *Config) checkTokens() error {
	switch {
	case c.ReadToken != "" && c.Token == "":
		return &load.FieldError{Field: "token", Message: "a read-only token beside no other"}
	case c.ReadToken != "" && c.ReadToken == c.Token:
		return &load.FieldError{Field: "token", Message: "the read-only token is the other one, too"}
	}
	for _, token := range []string{c.Token, c.ReadToken} {
		if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
			return &load.FieldError{Field: "token", Message: "it may only have printable ASCII characters, and no space"}
		}
	}
	return nil
}

// rights is what a caller may do.
type rights int

const (
	rightsNone rights = iota
	rightsRead
	rightsAll
)

// cookieName names the cookie of a browser that has logged in.
const cookieName = "loadpilot"

// access asks callers for a token: as a bearer token, or in a browser as the cookie that POST /login gives in exchange. Browsers
// send cookies to all ports of a host, and who receives one may use it as the token until that is changed; the token itself, which
// may be written down elsewhere, does not show in it.
type access struct{ token, readToken string }

// of returns the rights of a caller.
func (a access) of(r *http.Request) rights {
	if kind, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(kind, "bearer") {
		return a.rights(token, func(token string) string { return token })
	}
	if cookie, err := r.Cookie(cookieName); err == nil {
		return a.rights(cookie.Value, cookieOf)
	}
	return rightsNone
}

// rights compares what was shown with what each token is shown as.
func (a access) rights(shown string, as func(token string) string) rights {
	switch {
	case same(shown, as(a.token)):
		return rightsAll
	case a.readToken != "" && same(shown, as(a.readToken)):
		return rightsRead
	default:
		return rightsNone
	}
}

// same compares in a time that tells nothing about where two texts differ, nor how long they are.
func same(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// cookieOf returns the value of the cookie that stands for a token.
func cookieOf(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("loadpilot cookie"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// guard lets callers through as far as their rights go. The pages and what orchestrators ask are for everybody: they hold no data.
func (a access) guard(next http.Handler) http.Handler {
	if a.token == "" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		granted := a.of(r)
		looks := (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.URL.Path != scenariosPath
		switch {
		case granted == rightsAll || granted == rightsRead && looks || isOpen(r):
			next.ServeHTTP(w, r)
		case granted == rightsRead:
			writeProblem(w, newProblem(http.StatusForbidden, "Authorization", "Authorization: the read-only token may look at runs, and neither start nor change any"))
		default:
			w.Header().Set("WWW-Authenticate", `Bearer realm="LoadPilot"`)
			writeProblem(w, newProblem(http.StatusUnauthorized, "Authorization", "Authorization: a token is needed, as Bearer TOKEN"))
		}
	})
}

// describe documents what callers show.
func (a access) describe(config *huma.Config) {
	if a.token == "" {
		return
	}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":  {Type: "http", Scheme: "bearer"},
		"cookie": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "What POST " + loginPath + " gives in exchange for the token, for browsers"},
	}
	config.Security = []map[string][]string{{"token": {}}, {"cookie": {}}}
}

// isOpen reports requests that need no token.
func isOpen(r *http.Request) bool {
	switch r.URL.Path {
	case "/", "/livez", "/readyz", loginPath:
		return true
	default:
		return strings.HasPrefix(r.URL.Path, assetsPath)
	}
}

const (
	loginPath     = "/login"
	assetsPath    = "/assets/"
	scenariosPath = "/v1/scenarios" // what one starts runs with; data files may hold credentials
	maxLogin      = 4 << 10         // bytes of a form
)

// login exchanges the token of a form for a cookie, and goes to the pages.
func (a access) login(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxLogin)
	if err := r.ParseForm(); errors.Is(err, os.ErrDeadlineExceeded) {
		writeProblem(w, newProblem(http.StatusRequestTimeout, "", "the form takes too long to arrive"))
		return
	}
	token := r.PostFormValue("token")
	if a.rights(token, func(token string) string { return token }) == rightsNone {
		writeProblem(w, newProblem(http.StatusUnauthorized, "token", "token: it is not the gateway's"))
		return
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // not Secure: without TLS it would never come back
		Name: cookieName, Value: cookieOf(token), Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// contentPolicy lets a page load what this gateway serves and nothing else, run no script that stands in it, and be shown in
// no other page.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// harden tells browsers to be strict about every answer.
func harden(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
