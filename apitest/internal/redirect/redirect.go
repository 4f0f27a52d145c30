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

// Follow makes the calls that redirects ask for, until something else comes or there are more than the call allows. from is the absolute
// URL that out and location are the answer of; again makes a call and adds to the outcome what came of it.
func Follow(call run.Call, from, location string, out *run.Outcome, again func(call *run.Call) (location string)) {
	for hops := 0; out.Class == "" && Is(out.Status); hops++ {
		if hops == call.Redirects {
			out.Class, out.Err = run.ErrorRedirect, fmt.Errorf("more than %d redirects, the last from %s", hops, from)
			return
		}
		to, err := Next(&call, from, out.Status, location)
		if err != nil {
			out.Class, out.Err = run.ErrorRedirect, err
			return
		}
		from, location = to, again(&call)
	}
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
	drop = append(drop, Private(call, base, next)...)
	call.Header = without(call.Header, drop)
	next.Fragment = ""
	call.URL = next.String()
	return call.URL, nil
}

// Private returns the names of header fields that a call does not show when it is led from one URL to another: if that is of another
// origin, those which prove who is asking.
func Private(call *run.Call, from, to *url.URL) []string {
	if from.Scheme == to.Scheme && from.Host == to.Host {
		return nil
	}
	names := []string{"Referer"} // the URL may do so, too
	for _, f := range call.Header {
		if run.Secret(f.Name) || strings.EqualFold(f.Name, call.Login) {
			names = append(names, f.Name)
		}
	}
	return names
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
