package httpdriver

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"
)

// freshness is how long a host's addresses are used before they are looked up again: thousands of users that connect at
// once are a test of the target, not of the name server.
const freshness = 30 * time.Second

// resolver looks host names up and remembers their addresses. The zero value is ready.
type resolver struct {
	mu    sync.Mutex
	names map[string]*name
}

type name struct {
	mu        sync.Mutex // held while looking up, so that a crowd asks once
	addresses []string
	until     time.Time
	next      int
}

// lookup returns the addresses of a host, each time beginning with the next one so that connections spread over them, and
// whether it had to ask for them.
func (r *resolver) lookup(ctx context.Context, host string) (_ []string, asked bool, _ error) {
	if _, err := netip.ParseAddr(host); err == nil {
		return []string{host}, false, nil
	}
	n := r.name(host)
	n.mu.Lock()
	defer n.mu.Unlock()
	if asked = !time.Now().Before(n.until); asked {
		addresses, err := net.DefaultResolver.LookupHost(ctx, host)
		if err != nil {
			return nil, true, err
		}
		n.addresses, n.until, n.next = addresses, time.Now().Add(freshness), 0
	}
	i := n.next % len(n.addresses)
	n.next++
	return slices.Concat(n.addresses[i:], n.addresses[:i]), asked, nil
}

// prefer is told that an address answered after others did not: until the next look-up it is the only one.
func (r *resolver) prefer(host, address string) {
	n := r.name(host)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.addresses, n.next = []string{address}, 0
}

func (r *resolver) name(host string) *name {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.names[host]
	if n == nil {
		n = &name{}
		if r.names == nil {
			r.names = map[string]*name{}
		}
		r.names[host] = n
	}
	return n
}
