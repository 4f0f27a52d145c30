package stdlib

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The schemes that have each part.
const (
	relativeSchemes = ",,ftp,http,gopher,nntp,imap,wais,file,https,shttp,mms,prospero,rtsp,rtspu,sftp,svn,svn+ssh,ws,wss,"
	netlocSchemes   = ",,ftp,http,gopher,nntp,telnet,imap,wais,file,mms,https,shttp,snews,prospero,rtsp,rtspu,rsync,svn,svn+ssh,sftp,nfs,git,git+ssh,ws,wss,"
	paramsSchemes   = ",,ftp,hdl,prospero,http,imap,https,shttp,rtsp,rtspu,sip,sips,mms,sftp,tel,"
)

func schemeIn(list, scheme string) bool { return strings.Contains(list, ","+scheme+",") }

// urlParts is a URL taken apart.
type urlParts struct{ scheme, netloc, path, params, query, fragment string }

// wantURL reads a URL as text; bytes are left out.
func wantURL(v value) (string, error) {
	s, ok := runtime.AsStr(v)
	if ok {
		return s, nil
	}
	if b, isBytes := bytesOf(v); isBytes && b == "" || v == runtime.None {
		return "", nil
	}
	if _, isBytes := bytesOf(v); isBytes {
		return "", runtime.Errorf(runtime.TypeError, "a URL must be str here, not bytes")
	}
	return "", noMethod(v, "decode")
}

// wantURLs reads parts of URLs, which must be of one type.
func wantURLs(th *thread, vs ...value) ([]string, error) {
	out := make([]string, len(vs))
	for i, v := range vs {
		_, first := runtime.AsStr(vs[0])
		_, text := runtime.AsStr(v)
		if text != first {
			has, err := runtime.Truth(th, v)
			if err != nil {
				return nil, err
			}
			if has {
				return nil, runtime.Errorf(runtime.TypeError, "Cannot mix str and non-str arguments")
			}
			continue
		}
		s, err := wantURL(v)
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}

func splitArgs(th *thread, a args) (urlParts, error) {
	s, err := wantURLs(th, a.Vals[:2]...)
	if err != nil {
		return urlParts{}, err
	}
	fragments, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return urlParts{}, err
	}
	return splitURL(th, s[0], s[1], fragments)
}

const controlOrSpace = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f" +
	"\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f "

func splitURL(th *thread, url, scheme string, fragments bool) (u urlParts, err error) {
	if err := th.AllocMany(len(url), 2); err != nil {
		return u, err
	}
	unsafe := strings.NewReplacer("\t", "", "\r", "", "\n", "")
	url = unsafe.Replace(strings.TrimLeft(url, controlOrSpace))
	u.scheme = unsafe.Replace(strings.Trim(scheme, controlOrSpace))
	if i := strings.IndexByte(url, ':'); i > 0 && strings.IndexByte(lower+upper, url[0]) >= 0 &&
		strings.Trim(url[:i], lower+upper+digits+"+-.") == "" {
		u.scheme, url = strings.ToLower(url[:i]), url[i+1:]
	}
	if strings.HasPrefix(url, "//") {
		end := strings.IndexAny(url[2:], "/?#")
		if end < 0 {
			end = len(url) - 2
		}
		u.netloc, url = url[2:2+end], url[2+end:]
		if err := checkBrackets(u.netloc); err != nil {
			return u, err
		}
	}
	if fragments {
		url, u.fragment, _ = strings.Cut(url, "#")
	}
	u.path, u.query, _ = strings.Cut(url, "?")
	return u, nil
}

var ipFuture = regexp.MustCompile(`^v[a-fA-F0-9]+\..+$`)

// checkBrackets accepts an IPv6 address in brackets and nothing else.
func checkBrackets(netloc string) error {
	refuse := func(msg string) error { return runtime.Errorf(runtime.ValueError, "%s", msg) }
	opens, closes := strings.Contains(netloc, "["), strings.Contains(netloc, "]")
	if opens != closes {
		return refuse("Invalid IPv6 URL")
	}
	if !opens {
		return nil
	}
	_, host, _ := strings.Cut(netloc, "[")
	host, _, _ = strings.Cut(host, "]")
	if strings.HasPrefix(host, "v") {
		if !ipFuture.MatchString(host) {
			return refuse("IPvFuture address is invalid")
		}
		return nil
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case err != nil:
		return refuse(shown(runtime.Str(host)) + " does not appear to be an IPv4 or IPv6 address")
	case ip.Is4():
		return refuse("An IPv4 address cannot be in brackets")
	}
	return nil
}

// cutParams takes the parameters off the last segment of the path.
func (u *urlParts) cutParams() {
	if !schemeIn(paramsSchemes, u.scheme) {
		return
	}
	last := strings.LastIndexByte(u.path, '/') + 1
	if i := strings.IndexByte(u.path[last:], ';'); i >= 0 {
		u.path, u.params = u.path[:last+i], u.path[last+i+1:]
	}
}

// text puts the URL together again.
func (u *urlParts) text() string {
	url := u.path
	if u.params != "" {
		url += ";" + u.params
	}
	if u.netloc != "" || u.scheme != "" && schemeIn(netlocSchemes, u.scheme) && !strings.HasPrefix(url, "//") {
		if url != "" && url[0] != '/' {
			url = "/" + url
		}
		url = "//" + u.netloc + url
	}
	if u.scheme != "" {
		url = u.scheme + ":" + url
	}
	if u.query != "" {
		url += "?" + u.query
	}
	if u.fragment != "" {
		url += "#" + u.fragment
	}
	return url
}

// unsplit is urlunsplit (of 5 parts) and urlunparse (of 6).
func unsplit(th *thread, v value, n int) (value, error) {
	items, err := runtime.Collect(th, v)
	if err != nil {
		return nil, err
	}
	// CPython unpacks the parts and one value more of its own.
	if len(items) < n {
		return nil, runtime.Errorf(runtime.ValueError, "not enough values to unpack (expected %d, got %d)", n+1, len(items)+1)
	}
	if len(items) > n {
		return nil, runtime.Errorf(runtime.ValueError, "too many values to unpack (expected %d)", n+1)
	}
	parts, err := wantURLs(th, items...)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, p := range parts {
		size += len(p) + 2
	}
	u := urlParts{parts[0], parts[1], parts[2], "", parts[n-2], parts[n-1]}
	if n == 6 {
		u.params = parts[3]
	}
	return runtime.Str(u.text()), th.Alloc(size)
}

func urljoin(th *thread, a args) (value, error) {
	for i, other := range []int{1, 0} {
		if has, err := runtime.Truth(th, a.Vals[i]); err != nil || !has {
			return a.Vals[other], err
		}
	}
	s, err := wantURLs(th, a.Vals[:2]...)
	if err != nil {
		return nil, err
	}
	base, url := s[0], s[1]
	fragments, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return nil, err
	}
	b, err := splitURL(th, base, "", fragments)
	if err != nil {
		return nil, err
	}
	u, err := splitURL(th, url, b.scheme, fragments)
	if err != nil {
		return nil, err
	}
	b.cutParams()
	u.cutParams()
	if u.scheme != b.scheme || !schemeIn(relativeSchemes, u.scheme) {
		return runtime.Str(url), nil
	}
	if err := th.AllocMany(len(base)+len(url), 20); err != nil {
		return nil, err
	}
	joined := joinURL(b, u)
	return runtime.Str(joined.text()), nil
}

// joinURL resolves u, which has the scheme of the base b.
func joinURL(b, u urlParts) urlParts {
	if schemeIn(netlocSchemes, u.scheme) {
		if u.netloc != "" {
			return u
		}
		u.netloc = b.netloc
	}
	if u.path == "" && u.params == "" {
		u.path, u.params = b.path, b.params
		if u.query == "" {
			u.query = b.query
		}
		return u
	}
	segments := strings.Split(u.path, "/")
	if !strings.HasPrefix(u.path, "/") {
		parts := strings.Split(b.path, "/")
		if parts[len(parts)-1] != "" {
			parts = parts[:len(parts)-1]
		}
		segments = append(parts, segments...)
		middle := slices.DeleteFunc(segments[min(1, len(segments)):max(1, len(segments)-1)], func(s string) bool { return s == "" })
		last := segments[len(segments)-1:]
		if len(segments) > 1 {
			segments = append(append([]string{segments[0]}, middle...), last[0])
		}
	}
	var path []string
	for _, s := range segments {
		switch {
		case s == ".." && len(path) > 0:
			path = path[:len(path)-1]
		case s == "." || s == "..":
		default:
			path = append(path, s)
		}
	}
	if last := segments[len(segments)-1]; last == "." || last == ".." {
		path = append(path, "")
	}
	if u.path = strings.Join(path, "/"); u.path == "" {
		u.path = "/"
	}
	return u
}
