package httpdriver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	http1 = "http/1.1"
	http2 = "h2"
)

// newTLS returns what the connections of a run have in common.
func newTLS(t *load.Transport, c *load.Credentials) (*tls.Config, error) {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{http1},
		InsecureSkipVerify: t.Insecure, //nolint:gosec // the run says so
	}
	if t.HTTP2 {
		cfg.NextProtos = []string{http2}
	}
	if c.CA != "" {
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM([]byte(c.CA)) {
			return nil, errors.New("no CA certificate can be read")
		}
	}
	if c.Cert != "" {
		pair, err := tls.X509KeyPair([]byte(c.Cert), []byte(c.Key))
		if err != nil {
			return nil, fmt.Errorf("read client certificate: %w", err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// tlsFor returns the configuration for a host. A run's own server name is that of the target alone.
func (d *Driver) tlsFor(h *host) *tls.Config {
	cfg := d.tls.Clone()
	cfg.ServerName = h.name
	if h.ours && d.cfg.Transport.ServerName != "" {
		cfg.ServerName = d.cfg.Transport.ServerName
	}
	return cfg
}

// ticketHosts is for how many hosts a user keeps what it resumes a TLS session with.
const ticketHosts = 4

// tickets returns where the user keeps TLS sessions. Other users have no part in them: each is a client of its own.
func (s *Session) tickets() tls.ClientSessionCache {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions == nil {
		s.sessions = tls.NewLRUClientSessionCache(ticketHosts)
	}
	return s.sessions
}

var errNoHTTP2 = errors.New("the server does not offer HTTP/2 (ALPN)")

// checkProtocol fails if a server that should speak HTTP/2 has not agreed to it: one that knows nothing of ALPN says so by
// saying nothing.
func (d *Driver) checkProtocol(c *tls.Conn) error {
	if d.cfg.Transport.HTTP2 && c.ConnectionState().NegotiatedProtocol != http2 {
		return errNoHTTP2
	}
	return nil
}
