package load

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseResolve(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Resolve{
		"Shop.test:443:127.0.0.1": {"shop.test", "443", "127.0.0.1"},
		"shop.test:80:[::1]":      {"shop.test", "80", "::1"},
		"shop.test:80:0:0::1":     {"shop.test", "80", "::1"},
		"[::2]:80:10.0.0.1":       {"::2", "80", "10.0.0.1"},
		"10.0.0.2:80:10.0.0.1":    {"10.0.0.2", "80", "10.0.0.1"},
	} {
		got, err := ParseResolve(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
		again, err := ParseResolve(got.String())
		require.NoError(t, err, got)
		require.Equal(t, want, again)
	}
	for text, says := range map[string]string{
		"":                         "does not begin with a host",
		"shop.test":                "does not begin with a host",
		"::1:80:127.0.0.1":         "does not begin with a host",
		"a b:80:127.0.0.1":         "does not begin with a host",
		"[shop]:80:127.0.0.1":      "no IPv6 address",
		"shop.test:https:10.0.0.1": "the port",
		"shop.test:0:10.0.0.1":     "the port",
		"shop.test:65536:10.0.0.1": "the port",
		"shop.test:443":            "does not end with an IP address",
		"shop.test:443:other.test": "does not end with an IP address",
	} {
		_, err := ParseResolve(text)
		require.ErrorContains(t, err, "resolve: ", text)
		require.ErrorContains(t, err, says, text)
	}
}

func TestParseProxy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]string{
		"http://proxy.test:3128":              {"http://proxy.test:3128", ""},
		"http://[::1]:3128/":                  {"http://[::1]:3128", ""},
		"http://me:s3%40cret@proxy.test:3128": {"http://proxy.test:3128", "me:s3@cret"},
		"http://me@proxy.test:3128":           {"http://proxy.test:3128", "me:"},
	} {
		proxy, user, err := ParseProxy(text)
		require.NoError(t, err, text)
		require.Equal(t, want, [2]string{proxy, user}, text)
	}
	for text, says := range map[string]string{
		"proxy.test:3128":                     "proxy: ",
		"me:s3cret@proxy.test:3128":           "proxy: ",
		"http://me:s3cret@":                   "it is not a URL",
		"http://me:s3cret@proxy.test":         "it needs a port",
		"http://me:s3cret@proxy.test:0":       "it needs a port",
		"http://me:s3cret@proxy.test:99999":   "it needs a port",
		"https://me:s3cret@proxy.test:3128":   "only http://",
		"socks5://me:s3cret@proxy.test:1080":  "only http://",
		"http://me:s3cret@proxy.test:1/x":     "must not carry a path",
		"http://me:s3cret@proxy.test:1?x":     "must not carry a path",
		"http://me:s3cret%0d@proxy.test:1":    "cannot be sent",
		"http://m%3ae:s3cret@proxy.test:3128": "cannot be sent",
		"http://me:s3cret%@proxy.test:3128":   "it is not a URL",
	} {
		_, _, err := ParseProxy(text)
		require.ErrorContains(t, err, says, text)
		require.NotContains(t, err.Error(), "s3cret", text)
	}
}

func TestParseHeader(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Header{
		"X-Tenant: blue":             {"X-Tenant", "blue"},
		"x:":                         {"x", ""},
		"Authorization:  Bearer a:b": {"Authorization", "Bearer a:b"},
	} {
		got, err := ParseHeader(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for text, says := range map[string]string{
		"s3cret":                     "not NAME: VALUE",
		": s3cret":                   "does not begin with a name",
		"a b: s3cret":                "does not begin with a name",
		"Content-Length: s3cret":     "Content-Length is set for each connection",
		"proxy-authorization:s3cret": "proxy-authorization is set for each connection",
		"A: s3cret\r\nB: c":          "the value of A holds",
		"A: s3crét":                  "the value of A holds",
	} {
		_, err := ParseHeader(text)
		require.ErrorContains(t, err, "headers: ", text)
		require.ErrorContains(t, err, says, text)
		require.NotContains(t, err.Error(), "s3cr", text)
	}
}

func TestTransportValidation(t *testing.T) {
	t.Parallel()
	v4, v6 := Resolve{"shop.test", "80", "127.0.0.1"}, Resolve{"shop.test", "80", "::1"}
	for says, tr := range map[string]Transport{
		"": {
			HTTP2: true, ConnectTimeout: time.Second, ServerName: "shop_1.test", SourceAddress: "127.0.0.2", Resolve: []Resolve{v4, v6},
		},
		"connect_timeout: ":                          {ConnectTimeout: -1},
		"servername: ":                               {ServerName: "shop.test:443"},
		"source_address: \"lo\"":                     {SourceAddress: "lo"},
		"source_address: ::1 cannot reach shop.test": {SourceAddress: "::1", Resolve: []Resolve{v4}},
		"resolve: 101 entries":                       {Resolve: make([]Resolve, 101)},
	} {
		err := tr.Validate()
		if says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, says)
	}
}

// newPair returns a certificate and its key as PEM.
func newPair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	cert, key := newPair(t)
	_, otherKey := newPair(t)
	for says, c := range map[string]Credentials{
		"":                                      {CA: cert, Cert: cert, Key: key, ProxyUser: "me:s3cret", Headers: []Header{{"A", "b"}}},
		"cacert: there is no certificate":       {CA: key},
		"cacert: certificates and key":          {CA: strings.Repeat(cert, 900)},
		"cert: a key goes with a":               {Key: key},
		"key: a certificate goes with a":        {Cert: cert},
		"cert: it cannot be used with the key:": {Cert: cert, Key: otherKey},
		"headers: 101 are too many":             {Headers: make([]Header, 101)},
		"headers: names and values have":        {Headers: []Header{{"A", strings.Repeat("s3cret", 3000)}}},
	} {
		err := c.Validate()
		if says == "" {
			require.NoError(t, err)
			require.True(t, c.Any())
			require.NotContains(t, fmt.Sprintf("%v %+v %#v %s", c, c, c, c), "s3cret")
			var tr Transport
			tr.Describe(c)
			require.Equal(t, Transport{CA: true, Cert: true, ProxyAuth: true, Headers: []string{"A"}}, tr)
			require.True(t, tr.HasCredentials())
			continue
		}
		require.ErrorContains(t, err, says)
		require.NotContains(t, err.Error(), "s3cret")
		require.NotContains(t, err.Error(), "BEGIN")
	}
	require.False(t, Secrets{}.Any())
	secrets := Secrets{Env: Environment{"A": "value"}, Credentials: Credentials{
		ProxyUser: "me:s3cret", Headers: []Header{{"Authorization", "Bearer t0ken"}, {"X", "blue moon"}},
	}}
	require.Equal(t, "*** *** *** Bearer-like *** *** moon", secrets.Mask().Replace("value me:s3cret s3cret Bearer-like t0ken blue moon moon"))
}
