package httpdriver

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	// freshness is how long a host's addresses are used before they are looked up again: thousands of users that connect at
	// once are a test of the target, not of the name server.
	freshness = 30 * time.Second
	// staleness is how long a failed look-up stands, so that a crowd does not ask one after the other.
	staleness = time.Second
	// mostNames is how many names are remembered; scripts may make up any number.
	mostNames = 1000
)

// resolver looks host names up and remembers their addresses.
type resolver struct {
	ask   func(ctx context.Context, host string) ([]string, error)
	fixed map[string]*name // addresses of the run's own, by host and port

	mu    sync.Mutex
	names map[string]*name // by host
}

// name is a host's addresses, or why there are none.
type name struct {
	turn      chan struct{} // takes an element from who looks at the rest, so that a crowd asks once
	addresses []string
	err       error
	until     time.Time // zero: for ever, if there are addresses
	next      int
}

func newName() *name { return &name{turn: make(chan struct{}, 1)} }

func newResolver(own []load.Resolve) *resolver {
	r := &resolver{ask: net.DefaultResolver.LookupHost, fixed: map[string]*name{}, names: map[string]*name{}}
	for _, o := range own {
		at := net.JoinHostPort(o.Host, o.Port)
		if r.fixed[at] == nil {
			r.fixed[at] = newName()
		}
		r.fixed[at].addresses = append(r.fixed[at].addresses, o.Address)
	}
	return r
}

var errNoAddress = errors.New("the host has no address")

// lookup returns the addresses of a host, at least one, each time beginning with the next one so that connections spread over them, and
// whether it had to ask for them.
func (r *resolver) lookup(ctx context.Context, host, port string) (addresses []string, asked bool, err error) {
	n := r.fixed[net.JoinHostPort(host, port)]
	if n == nil {
		if _, err := netip.ParseAddr(host); err == nil {
			return []string{host}, false, nil
		}
		n = r.name(host)
	}
	select {
	case n.turn <- struct{}{}:
		defer func() { <-n.turn }()
	case <-ctx.Done():
		return nil, false, ctx.Err()
	}
	known := len(n.addresses) > 0 || n.err != nil
	if asked = !known || !n.until.IsZero() && !time.Now().Before(n.until); asked {
		found, err := r.ask(ctx, host)
		if ctx.Err() != nil {
			return nil, true, cmp.Or(err, ctx.Err()) // that is no answer
		}
		if err == nil && len(found) == 0 {
			err = errNoAddress
		}
		n.addresses, n.err, n.until, n.next = found, err, time.Now().Add(freshness), 0
		if err != nil {
			n.until = time.Now().Add(staleness)
		}
	}
	if n.err != nil {
		return nil, asked, n.err
	}
	i := n.next % len(n.addresses)
	n.next++
	return slices.Concat(n.addresses[i:], n.addresses[:i]), asked, nil
}

// prefer is told that an address answered after others did not: until the next look-up it is the only one. One of a run's own
// stays one of several. It waits for nobody: who looks the host up now finds new addresses anyway.
func (r *resolver) prefer(host, port, address string) {
	if r.fixed[net.JoinHostPort(host, port)] != nil {
		return
	}
	n := r.name(host)
	select {
	case n.turn <- struct{}{}:
		defer func() { <-n.turn }()
	default:
		return
	}
	if len(n.addresses) > 0 {
		n.addresses, n.next = []string{address}, 0
	}
}

func (r *resolver) name(host string) *name {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := r.names[host]
	if n == nil {
		n = newName()
		if len(r.names) >= mostNames {
			for other := range r.names { // any will do: it is asked for again
				delete(r.names, other)
				break
			}
		}
		r.names[host] = n
	}
	return n
}
