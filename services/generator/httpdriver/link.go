package httpdriver

import "time"

// Link is how an exchange came to its connection. The steps are those that succeeded; one that was not taken is 0: there is
// nothing to resolve in an address, and names are not looked up each time.
type Link struct {
	State   LinkState
	Closed  int           // kept connections that the server was found to have closed meanwhile
	DNS     time.Duration // looking the host's name up
	Connect time.Duration // until a TCP connection stood, with the attempts at addresses that did not answer
	TLS     time.Duration // the handshake
}

// LinkState says what became of the search for a connection.
type LinkState uint8

// The states of a link.
const (
	LinkNone    LinkState = iota // it never came to a search, or that was cut off
	LinkReused                   // a kept connection was used
	LinkOpened                   // one was opened
	LinkRefused                  // none could be opened: the target refused
	LinkFailed                   // none could be opened for another reason
)

// abandon makes a search that was cut off none: its failure is not the target's.
func (l *Link) abandon() {
	if l.State == LinkRefused || l.State == LinkFailed {
		l.State = LinkNone
	}
}

// lap returns what time it is, and the time since before.
func (d *Driver) lap(before time.Duration) (now, since time.Duration) {
	now = d.cfg.Now()
	return now, now - before
}
