// Package redirect says which request follows a redirect: the same in both modes.
package redirect

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// Is reports whether a status asks for another request.
func Is(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// Next changes a call, which went to the absolute URL from, into the one that the response to it asks for, as browsers do: another
// method than GET and HEAD becomes GET and loses its body, unless the status says that it must not. What proves who is asking is not
// shown to another origin. Next returns the absolute URL of the call.
func Next(call *run.Call, from string, status int, location string) (to string, err error) {
	base, err := url.Parse(from)
	if err != nil {
		return "", err
	}
	if location == "" {
		return "", fmt.Errorf("status %d without a Location", status)
	}
	next, err := base.Parse(location)
	switch {
	case err != nil:
		return "", fmt.Errorf("location %q is not a URL", location)
	case next.Scheme != "http" && next.Scheme != "https", next.Host == "", next.User != nil:
		return "", fmt.Errorf("location %q is no http or https URL that can be followed", location)
	}
	drop := []string{"Host"}
	if status < http.StatusTemporaryRedirect && call.Method != http.MethodGet && call.Method != http.MethodHead {
		call.Method, call.Body = http.MethodGet, nil
		drop = append(drop, "Content-Type", "Content-Encoding", "Content-Language")
	}
	if next.Scheme != base.Scheme || next.Host != base.Host {
		drop = append(drop, "Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key")
	}
	call.Header = without(call.Header, drop)
	next.Fragment = ""
	call.URL = next.String()
	return call.URL, nil
}

// without returns a copy of header fields without those of certain names.
func without(fields []run.Pair, names []string) []run.Pair {
	kept := make([]run.Pair, 0, len(fields))
	for _, f := range fields {
		dropped := false
		for _, name := range names {
			dropped = dropped || strings.EqualFold(f.Name, name)
		}
		if !dropped {
			kept = append(kept, f)
		}
	}
	return kept
}
