package httpdriver

import (
	"bufio"
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

func TestParsePlain(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		raw  string
		want bool
	}{
		"ordinary":         {"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\nConnection: keep-alive\r\n\r\nok", true},
		"any case":         {"HTTP/1.1 404 Not Found\r\ncontent-LENGTH: 2\r\n\r\nno", true},
		"large head":       {"HTTP/1.1 302 Found\r\nX-Long: " + strings.Repeat("x", 6000) + "\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n", true},
		"empty body":       {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
		"not whole":        {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", false},
		"more":             {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok", false},
		"head not whole":   {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n", false},
		"no length":        {"HTTP/1.1 200 OK\r\n\r\n", false},
		"two lengths":      {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", false},
		"negative":         {"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok", false},
		"huge":             {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok", false},
		"chunked":          {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", false},
		"encoded":          {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok", false},
		"odd encodings":    {"HTTP/1.1 200 OK\r\nTransfer-Encoding: keep-alive\r\nContent-Length: 2\r\n\r\nok", false},
		"close":            {"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", false},
		"older":            {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", false},
		"other reason":     {"HTTP/1.1 200 Fine\r\nContent-Length: 2\r\n\r\nok", false},
		"unknown status":   {"HTTP/1.1 299 \r\nContent-Length: 2\r\n\r\nok", true},
		"informational":    {"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n", false},
		"without body":     {"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", false},
		"folded":           {"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\nok", false},
		"strange name":     {"HTTP/1.1 200 OK\r\nA b: c\r\nContent-Length: 2\r\n\r\nok", false},
		"control in value": {"HTTP/1.1 200 OK\r\nA: b\x00\r\nContent-Length: 2\r\n\r\nok", false},
		"no HTTP":          {"SSH-2.0-OpenSSH\r\n", false},
		"nothing":          {"", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, ok := parsePlain([]byte(tt.raw))
			require.Equal(t, tt.want, ok)
			sameAsParser(t, []byte(tt.raw))
		})
	}
}

// sameAsParser fails if parsePlain takes a response that the parser reads otherwise.
func sameAsParser(tb testing.TB, raw []byte) {
	tb.Helper()
	p, ok := parsePlain(raw)
	if !ok {
		return
	}
	var want fasthttp.Response
	r := bufio.NewReaderSize(bytes.NewReader(raw), 1<<16)
	require.NoError(tb, want.ReadLimitBody(r, hugeBody), "%q", raw)
	require.Zero(tb, r.Buffered(), "%q", raw)
	require.Equal(tb, want.StatusCode(), p.status, "%q", raw)
	require.Equal(tb, string(want.Body()), string(raw[p.head:]), "%q", raw)
	require.False(tb, want.ConnectionClose(), "%q", raw)
	require.Empty(tb, want.Header.ContentEncoding(), "%q", raw)
	x := &Exchange{raw: raw, plain: p, looked: true}
	var got, all []string
	for name, value := range x.eachHeader {
		got = append(got, name+": "+value)
	}
	for name, value := range want.Header.All() {
		all = append(all, string(name)+": "+string(value))
	}
	require.Equal(tb, all, got, "%q", raw)
	cookies := false
	for range want.Header.Cookies() {
		cookies = true
	}
	require.Equal(tb, cookies, p.cookies, "%q", raw)
}

// A head that was seen before tells the same of a response of the same length, and of no other.
func TestSameHead(t *testing.T) {
	t.Parallel()
	const head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
	before := []byte(head + "ok")
	p, ok := parsePlain(before)
	require.True(t, ok)
	require.True(t, p.same(before, []byte(head+"no")))
	require.False(t, p.same(before, []byte(head+"o")), "not all of it is there")
	require.False(t, p.same(before, []byte(head+"more")), "more than all of it")
	require.False(t, p.same(before, []byte("HTTP/1.1 201 OK\r\nContent-Length: 2\r\n\r\nok")))
	require.False(t, plain{}.same(nil, nil), "nothing was seen before")
}

func FuzzParsePlain(f *testing.F) {
	f.Add([]byte("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\nSet-Cookie: a=b\r\nConnection: keep-alive\r\n\r\nok"))
	f.Add([]byte("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) { sameAsParser(t, raw) })
}
