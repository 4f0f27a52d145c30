package httpdriver

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

// field is a header field that requests get which have none of its name themselves.
type field struct {
	name  string
	value string
	line  string // as it is sent over HTTP/1.1
}

// equip completes a host with what follows from the run's transport.
func (d *Driver) equip(h *host, secure bool) {
	t := &d.cfg.Transport
	h.ours = d.target == nil || h.name == d.target.name && h.port == d.target.port && secure == (d.target.tls != nil)
	if secure {
		h.tls = d.tlsFor(h)
	}
	add := func(name, value string) {
		h.fields = append(h.fields, field{name, value, name + ": " + value + "\r\n"})
	}
	add("Host", h.authority)
	if d.cfg.UserAgent != "" {
		add("User-Agent", d.cfg.UserAgent)
	}
	add("Accept-Encoding", "gzip, deflate")
	if h.ours {
		own := func(f field) bool {
			return slices.ContainsFunc(d.cfg.Credentials.Headers, func(o load.Header) bool { return equalFold(f.name, o.Name) })
		}
		h.fields = slices.DeleteFunc(h.fields, own)
		for _, f := range d.cfg.Credentials.Headers {
			add(f.Name, f.Value)
		}
	}
	if d.proxy != nil && !secure && !t.HTTP2 {
		h.absolute = "http://" + h.authority
		if d.proxy.auth != "" {
			add("Proxy-Authorization", d.proxy.auth)
		}
	}
	h.tunnel = d.proxy != nil && h.absolute == ""
}

var errFamily = errors.New("the host has no address of the family of the source address")

// dial opens a connection that is ready for requests: to the host, or by the proxy. How it went is in link.
func (s *Session) dial(ctx context.Context, h *host, link *Link) (*conn, *Error) {
	d := s.driver
	link.State = LinkFailed
	tcp, failed := d.reach(ctx, h, link)
	if failed != nil {
		return nil, failed
	}
	c := &conn{host: h, now: d.cfg.Now, life: d.ctx}
	c.hold(tcp) //nolint:contextcheck // it outlives the request that opened it
	if h.tls != nil {
		before := d.cfg.Now()
		secure, err := s.secure(ctx, tcp, h)
		if err != nil {
			c.close()
			return nil, fail(load.ErrorTLS, err)
		}
		_, link.TLS = d.lap(before)
		c.Conn = secure
	}
	link.State = LinkOpened
	return c, nil
}

// secure shakes hands.
func (s *Session) secure(ctx context.Context, tcp net.Conn, h *host) (*tls.Conn, error) {
	cfg := h.tls.Clone()
	cfg.ClientSessionCache = s.tickets()
	secure := tls.Client(tcp, cfg)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	return secure, s.driver.checkProtocol(secure)
}

// reach opens a TCP connection: to the next address of the host, or the ones after it if that does not answer. Nothing was sent
// yet, so this repeats nothing.
func (d *Driver) reach(ctx context.Context, h *host, link *Link) (tcp net.Conn, failed *Error) {
	now := d.cfg.Now()
	name, port := h.name, h.port
	if d.proxy != nil {
		name, port = d.proxy.name, d.proxy.port
	}
	addresses, asked, err := d.addresses(ctx, name, port)
	if err != nil {
		return nil, fail(load.ErrorDNS, err)
	}
	if asked {
		now, link.DNS = d.lap(now)
	}
	for i, a := range addresses {
		tcp, err = d.dialer.DialContext(ctx, "tcp", net.JoinHostPort(a, port))
		if err == nil {
			if i > 0 {
				d.resolver.prefer(name, port, a)
			}
			break
		}
		if ctx.Err() != nil || exhausted(err) {
			break
		}
	}
	if err != nil {
		if d.proxy == nil && refused(err) {
			link.State = LinkRefused
		}
		return nil, fail(d.blame(), err)
	}
	if h.tunnel {
		if err := d.proxy.tunnel(ctx, tcp, h); err != nil {
			_ = tcp.Close()
			return nil, fail(load.ErrorProxy, err)
		}
	}
	_, link.Connect = d.lap(now)
	return tcp, nil
}

// blame names whom an error of connecting is about.
func (d *Driver) blame() string {
	if d.proxy != nil {
		return load.ErrorProxy
	}
	return load.ErrorConnect
}

// addresses returns the IP addresses of a host, and whether the name server had to be asked for them.
func (d *Driver) addresses(ctx context.Context, name, port string) (list []string, asked bool, err error) {
	if list, asked, err = d.resolver.lookup(ctx, name, port); err != nil {
		return nil, asked, err
	}
	if d.source.IsValid() {
		list = slices.DeleteFunc(list, func(address string) bool {
			a, err := netip.ParseAddr(address)
			return err == nil && a.Unmap().Is4() != d.source.Is4()
		})
		if len(list) == 0 {
			return nil, asked, errFamily
		}
	}
	return list, asked, nil
}

// comeFrom makes connections come from the source address.
func (d *Driver) comeFrom(address string) error {
	if address == "" {
		return nil
	}
	source, err := netip.ParseAddr(address)
	if err != nil {
		return err
	}
	d.source = source.Unmap()
	d.dialer.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(d.source, 0))
	d.dialer.Control = latePort
	return nil
}
