package scenario

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// A hop is a request with its answer.
type hop struct {
	request *Request
	answer  *Response
}

// An exchange is what came of a request of a script: the last hop, and those that
// redirected to it.
type exchange struct {
	hop

	earlier []hop
}

// maxRedirects is how many redirects are followed, as in httpx.
const maxRedirects = 20

// do sends a request with what belongs to the user, and follows where it is redirected to.
func (u *User) do(ctx context.Context, client Client, req *Request) exchange {
	req = u.dressed(req)
	answer := client.Do(ctx, req)
	if answer.SetsCookie || req.opts.redirects {
		return u.follow(ctx, client, hop{req, answer})
	}
	return exchange{hop: hop{req, answer}}
}

// answer is do for those who need no more than the last answer.
func (u *User) answer(ctx context.Context, client Client, req *Request) *Response {
	req = u.dressed(req)
	answer := client.Do(ctx, req)
	if answer.SetsCookie || req.opts.redirects {
		return u.follow(ctx, client, hop{req, answer}).answer
	}
	return answer
}

// follow takes over the cookies of an answer and goes where it redirects to.
func (u *User) follow(ctx context.Context, client Client, h hop) exchange {
	x := exchange{hop: h}
	for u.moves(&x) {
		x.answer = client.Do(ctx, x.request)
	}
	return x
}

// doAll is do for requests that are sent at the same time; those that are redirected go on
// together.
func (u *User) doAll(ctx context.Context, client Client, reqs []*Request) []exchange {
	out := make([]exchange, len(reqs))
	open := make([]*exchange, len(reqs))
	for i, req := range reqs {
		out[i].request = u.dressed(req)
		open[i] = &out[i]
	}
	for len(open) > 0 {
		asked := make([]*Request, len(open))
		for i, x := range open {
			asked[i] = x.request
		}
		answers := client.Batch(ctx, asked)
		next := open[:0]
		for i, x := range open {
			x.answer = answers[i]
			if u.moves(x) {
				next = append(next, x)
			}
		}
		open = next
	}
	return out
}

// moves takes over the cookies of an answer and reports whether there is another request
// to send: the one that the answer redirects to.
func (u *User) moves(x *exchange) bool {
	if x.answer.SetsCookie {
		if at, err := u.runner.target.parse(x.request.URL); err == nil {
			u.state().jar.receive(at, x.answer)
		}
	}
	if !x.request.opts.redirects || !isRedirect(x.answer.Status) {
		return false
	}
	location, ok := headerOf(x.answer, "Location")
	if !ok {
		return false
	}
	next, err := u.redirected(x.request, x.answer.Status, location)
	x.earlier = append(x.earlier, x.hop)
	if err == nil && len(x.earlier) > maxRedirects {
		err = runtime.Errorf(tooManyRedirects, "Exceeded maximum allowed redirects.")
	}
	if err != nil {
		x.answer = &Response{Err: err, Class: load.ErrorProtocol}
		return false
	}
	x.request = next
	return true
}

// isRedirect reports whether a status comes with the place to ask instead.
func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// headerOf returns the first value of a header field.
func headerOf(answer *Response, name string) (value string, ok bool) {
	if answer.Header == nil {
		return "", false
	}
	for n, v := range answer.Header {
		if equalFold(n, name) {
			return v, true
		}
	}
	return "", false
}

// redirected is the request that follows one with that status and Location, as browsers
// and httpx make it. Credentials stay with their origin; cookies are those of the jar.
func (u *User) redirected(req *Request, status int, location string) (*Request, error) {
	from, err := u.runner.target.parse(req.URL)
	if err != nil {
		return nil, badLocation(err)
	}
	to, err := from.Parse(escapeURL(location))
	if err != nil {
		return nil, badLocation(err)
	}
	if to.Scheme != from.Scheme && to.Scheme != "http" && to.Scheme != "https" {
		return nil, runtime.Errorf(unsupported, "Request URL has an unsupported protocol '%s://'.", to.Scheme)
	}
	if to.Host == "" {
		to.Host = from.Host
	}
	to.Fragment, to.RawFragment, to.User = "", "", nil
	next := *req
	next.URL, next.Header = to.String(), without(append([]Field(nil), req.Header...), "Cookie")
	if !sameOrigin(from, to) {
		next.Header = without(next.Header, "Host")
		if !upgraded(from, to) {
			next.Header = without(next.Header, "Authorization")
		}
	}
	if status == http.StatusSeeOther || status == http.StatusFound || status == http.StatusMovedPermanently && req.Method == http.MethodPost {
		next.Method = http.MethodGet
		if req.Method != http.MethodGet {
			next.Body = nil
		}
	}
	if s := u.session.Load(); s != nil {
		if cookie := s.jar.header(to, ""); cookie != "" {
			next.Header = append(next.Header, Field{"Cookie", cookie})
		}
	}
	return &next, nil
}

func badLocation(err error) error {
	return runtime.Errorf(remoteProtocol, "Invalid URL in location header: %v.", err)
}

// sameOrigin reports whether two URLs lead to the same scheme, host and port.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

// upgraded reports whether a redirect leads to the same host over TLS.
func upgraded(from, to *url.URL) bool {
	return from.Scheme == "http" && to.Scheme == "https" && strings.EqualFold(from.Hostname(), to.Hostname()) &&
		portOf(from) == "80" && portOf(to) == "443"
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}

// A target is the base of the URLs of a run; "" when there is none.
type target string

// absolute is the whole URL of a request.
func (t target) absolute(raw string) string {
	if _, _, absolute := cutScheme(raw); absolute {
		return raw
	}
	return strings.TrimRight(string(t), "/") + raw
}

func (t target) parse(raw string) (*url.URL, error) { return url.Parse(t.absolute(raw)) }

// A session is what the client of one user keeps from request to request.
type session struct {
	headers headers // that go with each request
	jar     cookies
}

// state is the user's session; it is made when first needed.
func (u *User) state() *session {
	if u.session.Load() == nil {
		u.session.CompareAndSwap(nil, &session{})
	}
	return u.session.Load()
}

// dressed is a request with the user's headers and cookies: the request itself if there
// are none to add.
func (u *User) dressed(req *Request) *Request {
	if u.session.Load() != nil {
		return u.withSession(req)
	}
	return req
}

func (u *User) withSession(req *Request) *Request {
	s := u.session.Load()
	header := req.Header
	if own := s.headers.all(); len(own) > 0 {
		header = dress(own, req)
	}
	if !s.jar.empty() && (req.opts.cookies || !has(req.Header, "Cookie")) {
		if at, err := u.runner.target.parse(req.URL); err == nil {
			header = s.jar.join(header, at)
		}
	}
	if len(header) == len(req.Header) && (len(header) == 0 || &header[0] == &req.Header[0]) {
		return req
	}
	out := *req
	out.Header = header
	return &out
}

// dress puts a user's fields before those of a request, which win. What the body alone
// implies does not.
func dress(own []Field, req *Request) []Field {
	out := make([]Field, 0, len(own)+len(req.Header))
	implied := func(name string) bool { return req.opts.implied && equalFold(name, "Content-Type") }
	for _, f := range own {
		if !has(req.Header, f.Name) || implied(f.Name) {
			out = append(out, f)
		}
	}
	for _, f := range req.Header {
		if !implied(f.Name) || !has(own, f.Name) {
			out = append(out, f)
		}
	}
	return out
}
