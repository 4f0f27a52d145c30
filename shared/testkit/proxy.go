package testkit

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// forever is longer than any test.
const forever = 24 * time.Hour

// Proxy stands on loopback between a process and a server, and does to their traffic what a bad network does. Nothing that
// passes it is lost or changed as long as a connection lives, as in TCP.
type Proxy struct {
	// Addr is its host:port.
	Addr string

	tb    testing.TB
	mu    sync.Mutex
	proxy *toxiproxy.Proxy
	toxic bool
}

// StartProxy starts a proxy before the server at upstream, a host:port.
func StartProxy(tb testing.TB, upstream string) *Proxy {
	tb.Helper()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop())
	p := &Proxy{tb: tb, proxy: toxiproxy.NewProxy(server, "proxy", "127.0.0.1:0", upstream)}
	if err := p.proxy.Start(); err != nil {
		tb.Fatalf("testkit: start proxy: %v", err)
	}
	p.Addr = p.proxy.Listen
	tb.Cleanup(func() {
		p.Heal()
		p.proxy.Stop()
	})
	return p
}

// Delay holds everything back for d, in each direction.
func (p *Proxy) Delay(d time.Duration) {
	p.Heal()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, stream := range []string{"upstream", "downstream"} {
		_, err := p.proxy.Toxics.AddToxicJson(strings.NewReader(
			fmt.Sprintf(`{"name":%q,"type":"latency","stream":%[1]q,"attributes":{"latency":%d}}`, stream, d.Milliseconds())))
		if err != nil {
			p.tb.Errorf("testkit: delay: %v", err)
		}
	}
	p.toxic = true
}

// Stall lets nothing through any more, and nobody is told: connections stay open.
func (p *Proxy) Stall() { p.Delay(forever) }

// Cut closes every connection and refuses new ones.
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.proxy.Stop()
}

// Heal makes the network good again. What was held back passes at once.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.toxic {
		p.proxy.Toxics.ResetToxics(context.Background())
		p.toxic = false
	}
	if !p.proxy.Enabled {
		if err := p.proxy.Start(); err != nil {
			p.tb.Errorf("testkit: heal: %v", err)
		}
	}
}
