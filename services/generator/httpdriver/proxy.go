package httpdriver

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
)

// proxy is where connections lead that do not lead to the host itself.
type proxy struct {
	name, port string
	auth       string // of the Proxy-Authorization field; "" for none
}

func newProxy(address, user string) (*proxy, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("parse proxy: %w", err)
	}
	p := &proxy{name: u.Hostname(), port: u.Port()}
	if user != "" {
		p.auth = "Basic " + base64.StdEncoding.EncodeToString([]byte(user))
	}
	return p, nil
}

// connectLimit is how long the answer of a proxy to CONNECT may be.
const connectLimit = 64 << 10

// tunnel asks the proxy at the other end for a connection to the host.
func (p *proxy) tunnel(ctx context.Context, c net.Conn, h *host) error {
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	broken := func(operation string, err error) error {
		if ctx.Err() != nil {
			err = ctx.Err() // which closed the connection
		}
		return fmt.Errorf("proxy: %s: %w", operation, err)
	}
	to := net.JoinHostPort(h.name, h.port)
	request := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n"
	if p.auth != "" {
		request += "Proxy-Authorization: " + p.auth + "\r\n"
	}
	if _, err := io.WriteString(c, request+"\r\n"); err != nil {
		return broken("send", err)
	}
	// What follows the answer would be lost in the reader, but a server says nothing before it is spoken to.
	// A body, which only a refusal has, is left unread: the connection is closed then.
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(c, connectLimit)), &http.Request{Method: http.MethodConnect}) //nolint:bodyclose // that would read it
	if err != nil {
		return broken("receive", err)
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the proxy does not connect to %s: %s", to, answer.Status)
	}
	return nil
}
