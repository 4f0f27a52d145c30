package aggregator

import (
	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// book adds up what was due in one second, of the run or of a task, or in several.
type book struct {
	iterations, requests, failed int64
	response, service            *histogram.Histogram // nil while packed
	packed                       struct{ response, service histogram.Snapshot }
}

func newBook() book { return book{response: histogram.New(), service: histogram.New()} }

// add books what was reported of a task.
func (b *book) add(r load.TaskReport, times taskTimes) {
	b.unpack()
	b.iterations += r.Iterations
	b.requests += r.Requests
	b.failed += r.Failed
	b.response.Merge(times.response)
	b.service.Merge(times.service)
}

// pack keeps the histograms of a book that is likely to be complete in their encoded form, a tenth of the size.
func (b *book) pack() {
	if b.response == nil {
		return
	}
	b.packed.response, b.packed.service = b.response.Snapshot(), b.service.Snapshot()
	b.response, b.service = nil, nil
}

// unpack opens the histograms of a book for an amendment.
func (b *book) unpack() {
	if b.response != nil {
		return
	}
	b.response, b.service = histogram.New(), histogram.New()
	mustMerge(b.response, b.packed.response)
	mustMerge(b.service, b.packed.service)
}

// addTo adds the book to another one, which is not packed.
func (b *book) addTo(sum *book) {
	sum.iterations += b.iterations
	sum.requests += b.requests
	sum.failed += b.failed
	if b.response != nil {
		sum.response.Merge(b.response)
		sum.service.Merge(b.service)
	} else {
		mustMerge(sum.response, b.packed.response)
		mustMerge(sum.service, b.packed.service)
	}
}

// mustMerge adds a snapshot that was made here.
func mustMerge(h *histogram.Histogram, s histogram.Snapshot) {
	if err := h.MergeSnapshot(s); err != nil {
		panic("aggregator: a histogram cannot read what it wrote: " + err.Error())
	}
}
