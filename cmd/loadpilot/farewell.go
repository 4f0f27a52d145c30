package main

import (
	"slices"
	"sync"
)

// farewell is what remains to be done however the process ends, in good order or at once: to take along the processes and
// the folders that would outlive it.
type farewell struct {
	mu   sync.Mutex
	acts []func()
}

// add adds an act. Each waits for what it does.
func (f *farewell) add(act func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.acts = append(f.acts, act)
}

// run does what was added, in reverse and once, and returns when it is done, whoever does it.
func (f *farewell) run() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, act := range slices.Backward(f.acts) {
		act()
	}
	f.acts = nil
}
