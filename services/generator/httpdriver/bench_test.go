package httpdriver

import (
	"bufio"
	"net"
	"testing"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// BenchmarkDo is one request of a user over a kept connection, against a server in the same process.
func BenchmarkDo(b *testing.B) {
	answer := []byte("HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
	url := raw(b, func(c net.Conn, r *bufio.Reader) {
		for head(r) {
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
	target := newSession(b, url, nil).driver
	b.ReportAllocs()
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		s := target.NewSession()
		defer s.Close()
		x := &Exchange{}
		req := &scenario.Request{Method: "GET", URL: "/items?page=1", Header: []scenario.Field{{Name: "Accept", Value: "*/*"}}}
		for pb.Next() {
			s.Do(target.ctx, x, req)
			if x.Response.Err != nil {
				b.Error(x.Response.Err)
			}
		}
	})
}
