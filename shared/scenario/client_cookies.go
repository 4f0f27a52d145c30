package scenario

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A cookie is one of a jar.
type cookie struct {
	name, value string
	domain      string // "": of every host, as a script sets it
	path        string // "": of every path
	hostOnly    bool   // not of hosts below domain
	secure      bool
	expires     time.Time // zero: never
}

// cookies is httpx.Cookies: those of one user, or of one response. Users may share one.
type cookies struct {
	mu   sync.Mutex
	list []cookie // in the order in which they were set first
}

// What a jar takes at most; servers may send what they like.
const (
	maxCookie  = 4096 // bytes of name and value
	maxCookies = 200
)

// store sets a cookie in place of one of the same name, domain and path. The oldest of too
// many goes.
func (j *cookies) store(c cookie) {
	if len(c.name)+len(c.value) > maxCookie {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	gone := !c.expires.IsZero() && !c.expires.After(time.Now())
	at := slices.IndexFunc(j.list, func(o cookie) bool { return o.name == c.name && o.domain == c.domain && o.path == c.path })
	switch {
	case at >= 0 && gone:
		j.list = slices.Delete(j.list, at, at+1)
	case at >= 0:
		j.list[at] = c
	case !gone:
		if len(j.list) == maxCookies {
			j.list = slices.Delete(j.list, 0, 1)
		}
		j.list = append(j.list, c)
	}
}

// replace takes the cookies of o instead of its own.
func (j *cookies) replace(o *cookies) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = o.list
}

// live is a copy of the cookies that have not expired.
func (j *cookies) live() []cookie {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	j.list = slices.DeleteFunc(j.list, func(c cookie) bool { return !c.expires.IsZero() && !c.expires.After(now) })
	return slices.Clone(j.list)
}

// empty reports whether there is no cookie.
func (j *cookies) empty() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.list) == 0
}

// header is the Cookie field of a request for u: cookies of longer paths first, by RFC
// 6265. Those of the request itself, own, end it and replace what a script set for every host.
func (j *cookies) header(u *url.URL, own string) string {
	list := slices.DeleteFunc(j.live(), func(c cookie) bool { return !c.fits(u) || c.domain == "" && names(own, c.name) })
	slices.SortStableFunc(list, func(a, b cookie) int { return cmp.Compare(len(b.path), len(a.path)) })
	return joinCookies(list, own)
}

// names reports whether the text of a Cookie field holds a cookie of that name.
func names(field, name string) bool {
	return strings.HasPrefix(field, name+"=") || strings.Contains(field, "; "+name+"=")
}

func joinCookies(list []cookie, own string) string {
	pairs := make([]string, len(list), len(list)+1)
	for i, c := range list {
		pairs[i] = c.name + "=" + c.value
	}
	if own != "" {
		pairs = append(pairs, own)
	}
	return strings.Join(pairs, "; ")
}

// join adds the cookies for u to the header fields of a request.
func (j *cookies) join(fields []Field, u *url.URL) []Field {
	own := ""
	for _, f := range fields {
		if equalFold(f.Name, "Cookie") {
			own = f.Value
		}
	}
	all := j.header(u, own)
	if all == own {
		return fields
	}
	return append(without(slices.Clone(fields), "Cookie"), Field{"Cookie", all})
}

// fits reports whether a cookie belongs into a request for u.
func (c *cookie) fits(u *url.URL) bool {
	host := strings.ToLower(u.Hostname())
	switch {
	case c.secure && u.Scheme != "https":
		return false
	case c.domain != "" && host != c.domain && (c.hostOnly || !below(host, c.domain)):
		return false
	}
	path := cmp.Or(u.EscapedPath(), "/")
	rest, ok := strings.CutPrefix(path, c.path)
	return ok && (rest == "" || c.path == "" || strings.HasSuffix(c.path, "/") || rest[0] == '/')
}

// below reports whether a host is in a domain, which addresses never are.
func below(host, domain string) bool {
	return strings.HasSuffix(host, "."+domain) && net.ParseIP(host) == nil
}

// receive takes the cookies that a response to a request for u sets.
func (j *cookies) receive(u *url.URL, answer *Response) {
	if answer.Header == nil {
		return
	}
	for name, value := range answer.Header {
		if equalFold(name, "Set-Cookie") {
			j.take(u, value)
		}
	}
}

// take stores the cookie of a Set-Cookie field of a response from u.
func (j *cookies) take(u *url.URL, field string) {
	if c, ok := parseCookie(u, field, time.Now()); ok {
		j.store(c)
	}
}

// parseCookie reads a Set-Cookie field of a response from u, by RFC 6265; ok is false for
// what must be ignored.
func parseCookie(u *url.URL, field string, now time.Time) (c cookie, ok bool) {
	pair, attributes, _ := strings.Cut(field, ";")
	name, value, ok := strings.Cut(pair, "=")
	host := strings.ToLower(u.Hostname())
	c = cookie{name: strings.Clone(strings.TrimSpace(name)), value: strings.Clone(strings.TrimSpace(value)), domain: host, hostOnly: true, path: defaultPath(u)}
	if !ok || c.name == "" || strings.ContainsAny(pair, "\r\n\x00") {
		return c, false
	}
	lasts := false // Max-Age goes before Expires
	for attribute := range strings.SplitSeq(attributes, ";") {
		key, value, _ := strings.Cut(attribute, "=")
		value = strings.TrimSpace(value)
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "domain":
			if domain := strings.ToLower(strings.TrimPrefix(value, ".")); domain != "" {
				if domain != host && (!below(host, domain) || !strings.Contains(domain, ".")) {
					return c, false
				}
				c.domain, c.hostOnly = strings.Clone(domain), false
			}
		case "path":
			if strings.HasPrefix(value, "/") {
				c.path = strings.Clone(value)
			}
		case "secure":
			c.secure = true
		case "max-age":
			if seconds, err := strconv.ParseInt(value, 10, 32); err == nil {
				lasts = true
				c.expires = now.Add(time.Duration(seconds) * time.Second)
			}
		case "expires":
			if t, err := parseExpires(value); err == nil && !lasts {
				c.expires = t
			}
		}
	}
	return c, true
}

// parseExpires reads the dates that servers write, with dashes too.
func parseExpires(s string) (time.Time, error) {
	if t, err := time.Parse("Mon, 02-Jan-2006 15:04:05 MST", s); err == nil {
		return t, nil
	}
	return http.ParseTime(s)
}

// defaultPath is the path of a cookie that names none: that of the request up to its last slash.
func defaultPath(u *url.URL) string {
	path := u.EscapedPath()
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}
