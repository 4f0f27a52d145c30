package pacer

import (
	"sort"
	"time"
)

// queue is a binary min-heap of tokens by the due time of their next arrival. It is the pacer's pure core.
type queue struct{ heap []entry }

type entry struct {
	due   time.Duration
	token *Token
}

// add takes a token in and reports whether its next arrival is now the first of all.
func (q *queue) add(t *Token) bool {
	q.heap = append(q.heap, entry{due: t.due(t.next), token: t})
	return q.up(len(q.heap)-1) == 0
}

// first returns when the next arrival is due; false if there is none.
func (q *queue) first() (time.Duration, bool) {
	if len(q.heap) == 0 {
		return 0, false
	}
	return q.heap[0].due, true
}

// take appends to batch the arrivals that are due at now, at most room of them and all of one lane, which it returns.
func (q *queue) take(now time.Duration, room int, batch []Arrival) ([]Arrival, *Lane) {
	var lane *Lane
	for len(q.heap) > 0 && q.heap[0].due <= now && len(batch) < room {
		top := &q.heap[0]
		t := top.token
		if lane == nil {
			lane = t.lane
		} else if lane != t.lane {
			break
		}
		batch = append(batch, Arrival{
			Number: t.Arrival(t.next), Due: top.due, Token: t, Late: now-top.due > lane.MaxLag,
		})
		t.next++
		if t.next == t.end {
			q.removeFirst()
			continue
		}
		top.due = t.due(t.next)
		q.down(0)
	}
	return batch, lane
}

// cut removes the lane's arrivals that are due at or after from, and calls removed with each token's number of them.
func (q *queue) cut(lane *Lane, from time.Duration, removed func(t *Token, n int64)) {
	q.filter(func(t *Token) bool {
		if t.lane != lane {
			return true
		}
		left := int(t.end - t.next)
		keep := int64(sort.Search(left, func(i int) bool { return t.due(t.next+int64(i)) >= from }))
		if n := t.end - t.next - keep; n > 0 {
			t.end -= n
			removed(t, n)
		}
		return keep > 0
	})
}

// untouched removes and returns the lane's tokens of which nothing was taken yet.
func (q *queue) untouched(lane *Lane) []*Token {
	var out []*Token
	q.filter(func(t *Token) bool {
		if t.lane != lane || t.next > 0 {
			return true
		}
		out = append(out, t)
		return false
	})
	return out
}

// filter keeps the tokens for which keep says so.
func (q *queue) filter(keep func(*Token) bool) {
	kept := q.heap[:0]
	for _, e := range q.heap {
		if keep(e.token) {
			kept = append(kept, e)
		}
	}
	clear(q.heap[len(kept):])
	q.heap = kept
	for i := len(kept)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q *queue) removeFirst() {
	last := len(q.heap) - 1
	q.heap[0] = q.heap[last]
	q.heap[last] = entry{}
	q.heap = q.heap[:last]
	q.down(0)
}

func (q *queue) up(i int) int {
	for i > 0 {
		parent := (i - 1) / 2
		if q.heap[parent].due <= q.heap[i].due {
			break
		}
		q.heap[parent], q.heap[i] = q.heap[i], q.heap[parent]
		i = parent
	}
	return i
}

func (q *queue) down(i int) {
	for {
		least := 2*i + 1
		if least >= len(q.heap) {
			return
		}
		if right := least + 1; right < len(q.heap) && q.heap[right].due < q.heap[least].due {
			least = right
		}
		if q.heap[i].due <= q.heap[least].due {
			return
		}
		q.heap[i], q.heap[least] = q.heap[least], q.heap[i]
		i = least
	}
}
