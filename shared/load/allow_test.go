package load

import (
	"errors"
	"net/url"
	"testing"
)

func TestTargetAllowed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		pattern, target string
		want            bool
	}{
		{"shop.test", "http://shop.test", true},
		{"shop.test", "https://SHOP.test.:8443/x", true}, // any port
		{"Shop.Test", "http://shop.test", true},
		{"shop.test", "http://shop.test.evil", false},
		{"shop.test", "http://www.shop.test", false},
		{"shop.test:8000", "http://shop.test:8000", true},
		{"shop.test:8000", "http://shop.test", false},
		{"shop.test:80", "http://shop.test", true}, // the port of the scheme
		{"shop.test:443", "https://shop.test", true},
		{"shop.test:443", "http://shop.test", false},
		{"*.shop.test", "http://a.b.shop.test:1", true},
		{"*.shop.test", "http://shop.test", false},
		{"*.shop.test", "http://evilshop.test", false},
		{"*.shop.test:81", "http://a.shop.test:82", false},
		{"10.0.0.0/8", "http://10.1.2.3:9", true},
		{"10.0.0.0/8", "http://[::ffff:10.1.2.3]", true}, // the same address
		{"10.0.0.0/8", "http://11.1.2.3", false},
		{"10.0.0.0/8", "http://10.1.2.3.test", false},
		{"fd00::/8", "http://[fd00::1]:80", true},
		{"127.0.0.1", "http://127.0.0.1:8000", true},
		{"127.0.0.1", "http://[::ffff:127.0.0.1]:8000", true},
		{"[::1]:80", "http://[0:0::1]", true},
		{"[::1]:80", "http://[::1]:81", false},
		{"127.0.0.1", "http://localhost", false}, // names are not looked up
		{"::1", "http://[::1]:8000", true},
		{"::1", "http://[::2]:8000", false},
		{"::ffff:10.1.2.3", "http://10.1.2.3", true},
		{"*.shop.test", "http://[::1%25.shop.test]:18097/", false}, // a zone: it is dialled as ::1
		{"::/0", "http://[fe80::1%25eth0]", false},
		{"*.shop.test", "http://.shop.test", false},
		{"*.0.0.1", "http://127.0.0.1", false},
	} {
		u, err := url.Parse(tc.target)
		if err != nil {
			t.Fatal(err)
		}
		if err := CheckTargets([]string{tc.pattern}); err != nil {
			t.Errorf("%s: %v", tc.pattern, err)
		}
		if got := TargetAllowed([]string{"other.test", tc.pattern}, u); got != tc.want {
			t.Errorf("%s by %s: %v", tc.target, tc.pattern, got)
		}
		if !TargetAllowed(nil, u) {
			t.Errorf("%s is refused without a list", tc.target)
		}
	}
}

func TestPatternsThatAllowNothingAreRefused(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{
		"", "http://shop.test", "shop.test/x", "*", "*.", "a.*.test", "shop.test:", "shop.test:x", "u@shop.test", "10.0.0.0/99", ":80",
		".shop.test", "*..shop.test", "*.127.0.0.1", "*.[::1]", "::1%eth0", "[::1%25eth0]", "::ffff:10.0.0.0/104", "shop.test:65536", "shop.test:080", "shop.test:0",
	} {
		if err := CheckTargets([]string{"shop.test", pattern}); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: %v", pattern, err)
		}
	}
}
