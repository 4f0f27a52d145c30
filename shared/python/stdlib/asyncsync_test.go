package stdlib

import (
	"testing"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestCancelledWaitersLeaveTheQueue: who gave up is not kept by what all users share.
func TestCancelledWaitersLeaveTheQueue(t *testing.T) {
	t.Parallel()
	event, lock := &asyncEvent{}, &semaphore{size: 1}
	th := runtime.NewThread(runtime.Limits{})
	_, err := th.RunAsync(runtime.NewCoroutine("main", func(th *thread) (value, error) {
		l, err := th.Loop()
		if err != nil {
			return nil, err
		}
		if _, err := lock.acquire(th); err != nil {
			return nil, err
		}
		for range 100 {
			for _, wait := range []func(*thread) (value, error){event.wait, lock.acquire} {
				task, err := l.Start(th, runtime.NewCoroutine("wait", wait))
				if err != nil {
					return nil, err
				}
				for _, step := range []func(){func() {}, func() { task.Cancel(nil) }, func() {}} {
					step()
					if err := th.Pause(); err != nil {
						return nil, err
					}
				}
			}
		}
		return runtime.None, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if len(event.waiting)+len(lock.waiting) > 0 {
		t.Errorf("%d wait for the event, %d for the lock", len(event.waiting), len(lock.waiting))
	}
}
