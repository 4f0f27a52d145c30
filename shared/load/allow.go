package load

import (
	"net/netip"
	"net/url"
	"strings"
)

// CheckTargets reports the first pattern of allowed targets that is none of HOST, HOST:PORT, *.DOMAIN (all hosts below a domain)
// and a CIDR (addresses of literal IP hosts), as a *FieldError.
func CheckTargets(patterns []string) error {
	for _, pattern := range patterns {
		if _, err := netip.ParsePrefix(pattern); err == nil {
			continue
		}
		host := strings.TrimPrefix(pattern, "*.")
		u, err := url.Parse("//" + host)
		if err != nil || u.Host != host || u.Hostname() == "" || strings.HasSuffix(host, ":") || strings.Contains(host, "*") {
			return fieldErrorf("targets", "%q is none of HOST, HOST:PORT, *.DOMAIN and CIDR", pattern)
		}
	}
	return nil
}

// TargetAllowed reports whether a URL is of a host that one of the patterns allows; without patterns every one is. Names are
// compared as they are written: what addresses they have is not asked.
func TargetAllowed(patterns []string, u *url.URL) bool {
	for _, pattern := range patterns {
		if targetMatches(pattern, u) {
			return true
		}
	}
	return len(patterns) == 0
}

func targetMatches(pattern string, u *url.URL) bool {
	name := hostName(u)
	if prefix, err := netip.ParsePrefix(pattern); err == nil {
		addr, err := netip.ParseAddr(name)
		return err == nil && prefix.Contains(addr)
	}
	below, isDomain := strings.CutPrefix(pattern, "*.")
	allowed := &url.URL{Scheme: u.Scheme, Host: below}
	if allowed.Port() != "" && portOf(allowed) != portOf(u) {
		return false
	}
	if isDomain {
		return strings.HasSuffix(name, "."+hostName(allowed))
	}
	return name == hostName(allowed)
}

// hostName returns the host of a URL in one spelling.
func hostName(u *url.URL) string {
	name := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.Unmap().String()
	}
	return name
}

// portOf returns the port of a URL, that of its scheme if it names none.
func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https" || u.Scheme == "wss":
		return "443"
	default:
		return "80"
	}
}
