package natsbus

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// Statuses that the server sends instead of a message.
const (
	statusMessage      = ""    // it is a message
	statusHeartbeat    = "100" // nothing to deliver, but the request stands
	statusNoMessages   = "404"
	statusExpired      = "408"
	statusConflict     = "409" // consumer deleted, server shut down, and the like
	statusNoResponders = "503" // nobody serves this consumer
)

func status(m *nats.Msg) string {
	if len(m.Data) > 0 {
		return statusMessage
	}
	return m.Header.Get("Status")
}

// request asks a pull consumer for messages.
type request struct {
	Batch     int           `json:"batch"`
	Expires   time.Duration `json:"expires"`
	Heartbeat time.Duration `json:"idle_heartbeat,omitempty"`
	NoWait    bool          `json:"no_wait,omitempty"` // statusNoMessages at the end of what is stored
}

// inbox receives what a pull consumer delivers. The client's own Fetch either waits for the whole batch or, when it is
// abandoned, loses what is on its way; an inbox can be drained.
type inbox struct {
	nc       *nats.Conn
	sub      *nats.Subscription
	messages chan *nats.Msg
}

// newInbox makes an inbox that holds one batch and the statuses around it.
func newInbox(nc *nats.Conn, batch int) (*inbox, error) {
	in := &inbox{nc: nc, messages: make(chan *nats.Msg, batch+16)}
	sub, err := nc.ChanSubscribe(nc.NewInbox(), in.messages)
	if err != nil {
		return nil, err
	}
	in.sub = sub
	return in, nil
}

// ask sends a request, whose answers come in through messages.
func (in *inbox) ask(stream, consumer string, r request) error {
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("encode pull request: %w", err)
	}
	return in.nc.PublishRequest("$JS.API.CONSUMER.MSG.NEXT."+stream+"."+consumer, in.sub.Subject, data)
}

// drain withdraws the standing request and returns what the server had sent until then. What it has not sent stays with the
// consumer.
func (in *inbox) drain() []*nats.Msg {
	if in.sub.Drain() == nil {
		_ = in.nc.FlushTimeout(attemptTimeout) // if it fails, nothing more can come
	}
	var rest []*nats.Msg
	for {
		select {
		case m := <-in.messages:
			if status(m) == statusMessage {
				rest = append(rest, m)
			}
		default:
			return rest
		}
	}
}

// close ends an inbox without a standing request, or whose messages nobody needs.
func (in *inbox) close() { _ = in.sub.Unsubscribe() }
