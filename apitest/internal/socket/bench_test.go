package socket_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// BenchmarkLoad is one request of 64 clients, against a server in the same process that does nothing but answer.
func BenchmarkLoad(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(b, err)
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	b.ReportAllocs()
	r := mustLoad(b, config("http://"+l.Addr().String(), func(c *run.Config) { c.Requests, c.Clients = int64(b.N), 64 }), get("/health"))
	require.Equal(b, map[string]int64{"200": int64(b.N)}, r.StatusCodes)
	b.ReportMetric(r.Metrics.RequestsPerSecond, "req/s")
}

// BenchmarkWays is one request of 64 clients to a handler: in-process, and through net/http's server and the sockets before it.
func BenchmarkWays(b *testing.B) {
	h := func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"status":"ok"}`) }
	for way, load := range ways {
		b.Run(way, func(b *testing.B) {
			r := load(b, h, config("", func(c *run.Config) { c.Requests, c.Clients, c.InProcess = int64(b.N), 64, way == "in-process" }), get("/health"))
			require.Equal(b, map[string]int64{"200": int64(b.N)}, r.StatusCodes)
			b.ReportMetric(r.Metrics.RequestsPerSecond, "req/s")
		})
	}
}

// answer answers each request, which must have no body.
func answer(c net.Conn) {
	defer c.Close()
	r, reply := bufio.NewReader(c), []byte("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"status\":\"ok\"}")
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return
		}
		if len(line) > len("\r\n") {
			continue
		}
		if _, err := c.Write(reply); err != nil {
			return
		}
	}
}
