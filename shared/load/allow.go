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
		if !validPattern(pattern) {
			return fieldErrorf("targets", "%q is none of HOST, HOST:PORT, *.DOMAIN and CIDR", pattern)
		}
	}
	return nil
}

// validPattern reports whether a pattern is one that a host can match.
func validPattern(pattern string) bool {
	if prefix, err := netip.ParsePrefix(pattern); err == nil {
		return !prefix.Addr().Is4In6() // hosts are compared as IPv4 addresses then
	}
	if addr, err := netip.ParseAddr(pattern); err == nil {
		return addr.Zone() == ""
	}
	host, isDomain := strings.CutPrefix(pattern, "*.")
	u, err := url.Parse("//" + host)
	if err != nil || u.Host != host || u.Hostname() == "" || strings.HasPrefix(host, ".") || strings.HasSuffix(host, ":") || strings.ContainsAny(host, "*%") {
		return false
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil && isDomain {
		return false
	}
	return u.Port() == "" || validPort(u.Port()) && u.Port()[0] != '0'
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
	if strings.Contains(name, "%") { // a zone of an IPv6 address, in which anything may stand
		return false
	}
	addr, err := netip.ParseAddr(name)
	isAddr := err == nil
	if prefix, err := netip.ParsePrefix(pattern); err == nil {
		return isAddr && prefix.Contains(addr)
	}
	if only, err := netip.ParseAddr(pattern); err == nil {
		return isAddr && only.Unmap() == addr
	}
	below, isDomain := strings.CutPrefix(pattern, "*.")
	allowed := &url.URL{Scheme: u.Scheme, Host: below}
	if allowed.Port() != "" && portOf(allowed) != portOf(u) {
		return false
	}
	if isDomain {
		label, ok := strings.CutSuffix(name, "."+hostName(allowed))
		return ok && label != "" && !isAddr
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
