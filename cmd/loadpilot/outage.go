package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

// outageWait is how long a gateway may be away, counted from the first failure, before its client gives up.
const outageWait = time.Minute

// outage follows whether the gateway answers, and tells when that changes.
type outage struct {
	since time.Time // zero: it answers
	tell  func(text string)
}

// bear takes the outcome of a call. It returns an error if there is no use in another one: the gateway has refused it, or has
// been away for too long.
func (o *outage) bear(err error) error {
	switch {
	case err == nil && o.since.IsZero():
	case err == nil:
		o.since = time.Time{}
		o.tell("the gateway answers again")
	case !isAway(err):
		return err
	case o.since.IsZero():
		o.since = time.Now()
		o.tell(fmt.Sprintf("trying again for up to %v: %v", outageWait, err))
	case time.Since(o.since) >= outageWait:
		return fmt.Errorf("no answer for %v: %w", outageWait, err)
	}
	return nil
}

// isAway reports whether an error says that the gateway, or NATS behind it, does not answer.
func isAway(err error) bool {
	if problem, ok := errors.AsType[*gateway.Problem](err); ok {
		return problem.Status == http.StatusServiceUnavailable
	}
	return errors.Is(err, load.ErrUnavailable)
}
