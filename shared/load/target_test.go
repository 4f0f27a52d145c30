package load

import (
	"strings"
	"testing"
)

func TestValidateTarget(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"http://127.0.0.1":             "",
		"https://example.com:65535/v1": "",
		"https://example.com/@scope":   "",
		"http://[::1]:80/":             "",
		"":                             "no URL",
		"localhost:8000":               "http://",
		"ftp://example.com":            "http://",
		"http://":                      "no host",
		"http://x/?a=b":                "query",
		"http://%zz":                   "not a URL",
		"http://[fe80::1%25eth0]/":     "zone",
		"http://x:65536":               "port 65536 is above 65535",
		"http://u:secret@x":            "credentials do not belong in the target",
		"http://u:secret/1@x":          "credentials do not belong in the target",
		"u:secret@x":                   "credentials do not belong in the target",
	} {
		err := validateTarget(target)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", target, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", target, err, want)
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: %v shows the password", target, err)
		}
	}
}
