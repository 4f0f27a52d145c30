package testkit

import (
	"net"
	"sync"
	"testing"
	"time"
)

const (
	// forever is longer than any test.
	forever = 24 * time.Hour
	// A proxy takes so many pieces of so many bytes from a sender that nobody receives yet; then the sender feels it, as in TCP.
	proxyPieces = 256
	proxyPiece  = 32 << 10
)

// Proxy stands on loopback between a process and a server, and does to their traffic what a bad network does. Nothing that
// passes it is lost or changed as long as a connection lives, as in TCP. Its methods are called by one goroutine.
type Proxy struct {
	// Addr is its host:port.
	Addr string

	tb       testing.TB
	upstream string
	listener net.Listener // nil while it is cut
	running  sync.WaitGroup

	mu      sync.Mutex
	delay   time.Duration
	changed chan struct{} // closed and replaced when the delay changes
	cut     bool
	links   map[*link]struct{}
}

// link is one connection through a proxy.
type link struct {
	client, server net.Conn
	severed        chan struct{}
}

// StartProxy starts a proxy before the server at upstream, a host:port.
func StartProxy(tb testing.TB, upstream string) *Proxy {
	tb.Helper()
	p := &Proxy{Addr: freeAddr(tb), tb: tb, upstream: upstream, changed: make(chan struct{}), links: map[*link]struct{}{}}
	p.listen()
	tb.Cleanup(func() {
		p.Cut()
		p.running.Wait()
	})
	return p
}

// Delay holds everything back for d, in each direction.
func (p *Proxy) Delay(d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.delay = d
	close(p.changed)
	p.changed = make(chan struct{})
}

// Stall lets nothing through any more, and nobody is told: connections stay open.
func (p *Proxy) Stall() { p.Delay(forever) }

// Cut closes every connection and refuses new ones. What was held back is gone.
func (p *Proxy) Cut() {
	if p.listener != nil {
		_ = p.listener.Close()
		p.listener = nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = true
	for l := range p.links {
		close(l.severed)
		_ = l.client.Close()
		_ = l.server.Close()
	}
	clear(p.links)
}

// Heal makes the network good again. What was held back passes at once.
func (p *Proxy) Heal() {
	p.Delay(0)
	if p.listener == nil {
		p.listen()
	}
}

func (p *Proxy) listen() {
	listener, err := net.Listen("tcp", p.Addr)
	if err != nil {
		p.tb.Errorf("testkit: start proxy: %v", err)
		return
	}
	p.listener = listener
	p.mu.Lock()
	p.cut = false
	p.mu.Unlock()
	p.running.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.serve(client) })
		}
	})
}

// serve connects a client with the server until one of them leaves and what it said has arrived.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial("tcp", p.upstream)
	if err != nil {
		return
	}
	defer server.Close()
	l := &link{client: client, server: server, severed: make(chan struct{})}
	p.mu.Lock()
	if p.cut {
		p.mu.Unlock()
		return
	}
	p.links[l] = struct{}{}
	p.mu.Unlock()

	var both sync.WaitGroup
	both.Go(func() { p.pass(l, server, client) })
	both.Go(func() { p.pass(l, client, server) })
	both.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.links, l)
}

// piece is what was read at once.
type piece struct {
	data []byte
	at   time.Time
}

// pass takes what one end says to the other until it has said all, or nobody listens, and then closes both.
func (p *Proxy) pass(l *link, to, from net.Conn) {
	held := make(chan piece, proxyPieces)
	var reader sync.WaitGroup
	defer reader.Wait()
	defer to.Close()
	defer from.Close()
	gone := make(chan struct{})
	defer close(gone)
	reader.Go(func() {
		defer close(held)
		for {
			data := make([]byte, proxyPiece)
			n, err := from.Read(data)
			if n > 0 {
				select {
				case held <- piece{data[:n], time.Now()}:
				case <-l.severed:
					return
				case <-gone:
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	for next := range held {
		if !p.hold(l, next.at) {
			return
		}
		if _, err := to.Write(next.data); err != nil {
			return
		}
	}
}

// hold waits until what was read at an instant may pass; false: the link was severed first.
func (p *Proxy) hold(l *link, at time.Time) bool {
	for {
		p.mu.Lock()
		wait, changed := time.Until(at.Add(p.delay)), p.changed
		p.mu.Unlock()
		if wait <= 0 {
			return true
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
		case <-l.severed:
		}
		timer.Stop()
		select {
		case <-l.severed:
			return false
		default:
		}
	}
}
