package gateway

import (
	"sync"

	"github.com/loadpilot/loadpilot/shared/load"
)

// statesBuffer is how many changes of a run a slow stream may lag behind before the oldest is left out. A run has fewer
// states than that.
const statesBuffer = 16

// states hands the changes of run records, watched once, to the streams that follow a run.
type states struct {
	mu   sync.Mutex
	subs map[string]map[chan load.Run]struct{} // by run id
}

func newStates() *states {
	return &states{subs: make(map[string]map[chan load.Run]struct{})}
}

// subscribe returns a channel that gets every change of the run from now on, until leave is called.
func (s *states) subscribe(runID string) (changes <-chan load.Run, leave func()) {
	ch := make(chan load.Run, statesBuffer)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.subs[runID] == nil {
		s.subs[runID] = make(map[chan load.Run]struct{})
	}
	s.subs[runID][ch] = struct{}{}
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.subs[runID], ch)
		if len(s.subs[runID]) == 0 {
			delete(s.subs, runID)
		}
	}
}

// publish never waits for a subscriber.
func (s *states) publish(run load.Run) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.subs[run.ID] {
		if len(ch) == cap(ch) {
			select {
			case <-ch:
			default: // read in the meantime
			}
		}
		ch <- run // only publish sends, under the lock: there is room
	}
}
