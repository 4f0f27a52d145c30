package load

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Limits of what one run may say about its transport.
const (
	maxResolves = 100
	maxTimeout  = 24 * time.Hour
)

// Transport says how the requests of a run reach the target. What of it is secret stands in its Credentials; here is which
// of these there are.
type Transport struct {
	HTTP2          bool          // demanded of every server: by ALPN over TLS, by prior knowledge without
	ConnectTimeout time.Duration // until a connection stands; 0: as long as the request has
	Insecure       bool          // certificates are not verified
	ServerName     string        // expected in the target's certificate, and sent as SNI; "" for the host of the URL
	Proxy          string        // http://HOST:PORT; "" for none
	Resolve        []Resolve
	SourceAddress  string // IP address that connections come from; "" for any

	CA        bool     // Credentials.CA is there
	Cert      bool     // Credentials.Cert and Key are there
	ProxyAuth bool     // Credentials.ProxyUser is there
	Headers   []string // names of Credentials.Headers
}

// Resolve is an address that stands for a host and port. Several for the same are used in turn.
type Resolve struct {
	Host    string // a name in lower case, or an IP address
	Port    string
	Address string // an IP address
}

// String returns HOST:PORT:ADDRESS.
func (r Resolve) String() string {
	bracketed := func(host string) string {
		if strings.Contains(host, ":") {
			return "[" + host + "]"
		}
		return host
	}
	return bracketed(r.Host) + ":" + r.Port + ":" + bracketed(r.Address)
}

// HasCredentials reports whether there is something secret to go with it.
func (t *Transport) HasCredentials() bool { return t.CA || t.Cert || t.ProxyAuth || len(t.Headers) > 0 }

// Describe notes what the credentials hold.
func (t *Transport) Describe(c Credentials) {
	t.CA, t.Cert, t.ProxyAuth, t.Headers = c.CA != "", c.Cert != "", c.ProxyUser != "", nil
	for _, h := range c.Headers {
		t.Headers = append(t.Headers, h.Name)
	}
}

var serverName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?$`)

// Validate reports the first wrong field as a *FieldError.
func (t *Transport) Validate() error {
	switch {
	case t.ConnectTimeout < 0 || t.ConnectTimeout > maxTimeout:
		return fieldErrorf("connect_timeout", "%v must be above 0 and at most %v", t.ConnectTimeout, maxTimeout)
	case t.ServerName != "" && !serverName.MatchString(t.ServerName):
		return fieldErrorf("servername", "%q is not the name of a host", t.ServerName)
	case len(t.Resolve) > maxResolves:
		return fieldErrorf("resolve", "%d entries are too many, at most %d are possible", len(t.Resolve), maxResolves)
	}
	if t.SourceAddress == "" {
		return nil
	}
	source, err := netip.ParseAddr(t.SourceAddress)
	if err != nil {
		return fieldErrorf("source_address", "%q is not an IP address", t.SourceAddress)
	}
	fits := func(r Resolve) bool { return isIPv4(r.Address) == source.Unmap().Is4() }
	for _, r := range t.Resolve {
		if !slices.ContainsFunc(t.Resolve, func(o Resolve) bool { return o.Host == r.Host && o.Port == r.Port && fits(o) }) {
			return fieldErrorf("source_address", "%s cannot reach %s, which resolve says is %s", t.SourceAddress, r.Host, r.Address)
		}
	}
	return nil
}

// isIPv4 reports whether an address is one of IPv4.
func isIPv4(address string) bool {
	a, err := netip.ParseAddr(address)
	return err == nil && a.Unmap().Is4()
}

// ParseResolve reads HOST:PORT:ADDRESS. IPv6 addresses may stand in brackets; as the host they must.
func ParseResolve(text string) (Resolve, error) {
	wrong := func(why string) (Resolve, error) {
		return Resolve{}, fieldErrorf("resolve", "%q: %s; it goes HOST:PORT:ADDRESS, such as shop.test:443:127.0.0.1", text, why)
	}
	var r Resolve
	var rest string
	if inner, after, ok := strings.Cut(strings.TrimPrefix(text, "["), "]:"); ok && strings.HasPrefix(text, "[") {
		r.Host, rest = inner, after
		if _, err := netip.ParseAddr(inner); err != nil {
			return wrong("no IPv6 address stands in the brackets")
		}
	} else {
		r.Host, rest, ok = strings.Cut(text, ":")
		if !ok || !serverName.MatchString(r.Host) {
			return wrong("it does not begin with a host")
		}
	}
	var address string
	r.Host = strings.ToLower(r.Host)
	r.Port, address, _ = strings.Cut(rest, ":")
	if port, err := strconv.ParseUint(r.Port, 10, 16); err != nil || port == 0 {
		return wrong("the port is not 1 to 65535")
	}
	if strings.HasPrefix(address, "[") && strings.HasSuffix(address, "]") {
		address = address[1 : len(address)-1]
	}
	a, err := netip.ParseAddr(address)
	if err != nil {
		return wrong("it does not end with an IP address")
	}
	r.Address = a.String()
	return r, nil
}

// ParseProxy reads the URL of a proxy, http://[USER:PASSWORD@]HOST:PORT, and takes the credentials out. Errors do not show it.
func ParseProxy(text string) (proxy, user string, err error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return "", "", fieldErrorf("proxy", "it is not a URL such as http://proxy.example.com:3128")
	case u.Scheme != "http":
		return "", "", fieldErrorf("proxy", "a proxy of %s:// is not supported, only http://", u.Scheme)
	case u.Hostname() == "":
		return "", "", fieldErrorf("proxy", "it names no host, such as http://proxy.example.com:3128")
	case !validPort(u.Port()) || u.Port() == "0":
		return "", "", fieldErrorf("proxy", "it needs a port, 1 to 65535, such as http://proxy.example.com:3128")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", "", fieldErrorf("proxy", "it must not carry a path, a query or a fragment")
	}
	if u.User != nil {
		password, _ := u.User.Password()
		if strings.Contains(u.User.Username(), ":") || strings.ContainsFunc(u.User.Username()+password, isControl) {
			return "", "", fieldErrorf("proxy", "the user and password cannot be sent")
		}
		user = u.User.Username() + ":" + password
	}
	return "http://" + u.Host, user, nil
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }
