package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Part is one member of a group. Each of its functions may be nil.
type Part struct {
	// Name stands before the part's errors.
	Name string
	// Start returns once the parts after this one may rely on it.
	Start func(context.Context) error
	// Run works until its context ends. That it returns, with or without an error, ends the whole group.
	Run func(context.Context) error
	// Stop releases what Start took. It is called when Run has returned.
	Stop func() error
}

// Group is an ordered set of parts. The zero value is an empty group.
type Group struct {
	parts []Part
}

// Add appends a part, which may rely on all that were added before it.
func (g *Group) Add(part Part) { g.parts = append(g.parts, part) }

// errReturned is the cause of an end without an error: a Run that has nothing more to do.
var errReturned = errors.New("returned")

// Run starts the parts in order and blocks until ctx ends or a part does; then it stops them in reverse.
//
// It returns the first error of a part, with the part's name, whichever function it came from. The end of ctx is not
// an error, and neither is a Run that returns the error of its cancelled context.
func (g *Group) Run(ctx context.Context) error {
	ending, end := context.WithCancelCause(ctx)
	defer end(nil)

	var members []*member
	for _, part := range g.parts {
		if ending.Err() != nil {
			break
		}
		m, err := start(ending, part, end)
		if err != nil {
			end(err)
			break
		}
		members = append(members, m)
	}
	<-ending.Done()

	first := context.Cause(ending)
	if ctx.Err() != nil && errors.Is(first, context.Cause(ctx)) || errors.Is(first, errReturned) {
		first = nil
	}
	for _, m := range slices.Backward(members) {
		if err := m.stop(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// member is a part that has started.
type member struct {
	part   Part
	cancel context.CancelFunc
	done   chan struct{} // closed when Run has returned
	err    error         // of Run, once done is closed
}

// start starts a part and runs it in a goroutine, which ends the group when it returns.
//
// The part's context is cancelled by stop alone: the end of the group reaches the parts one after the other.
func start(ending context.Context, part Part, end context.CancelCauseFunc) (*member, error) {
	if part.Start != nil {
		if err := part.Start(ending); err != nil {
			return nil, fmt.Errorf("%s: start: %w", part.Name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ending))
	m := &member{part: part, cancel: cancel, done: make(chan struct{})}
	if part.Run == nil {
		close(m.done)
		return m, nil
	}
	go func() {
		defer close(m.done)
		err := part.Run(ctx)
		if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
			end(errReturned)
			return
		}
		m.err = fmt.Errorf("%s: %w", part.Name, err)
		end(m.err)
	}()
	return m, nil
}

// stop cancels Run, waits for it, calls Stop and returns the first error of the two.
func (m *member) stop() error {
	m.cancel()
	<-m.done
	err := m.err
	if m.part.Stop != nil {
		if stopErr := m.part.Stop(); stopErr != nil && err == nil {
			err = fmt.Errorf("%s: stop: %w", m.part.Name, stopErr)
		}
	}
	return err
}
