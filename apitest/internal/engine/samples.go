package engine

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/loadpilot/loadpilot/apitest/run"
)

// samples keeps the first failures. When there is no room the class that has most of it gives up its newest one, as long as that class
// has more than half.
type samples struct {
	kept  []run.ErrorSample
	count map[string]int // by class
}

// wants reports whether a failure of a class would be kept.
func (s *samples) wants(class string) bool {
	if len(s.kept) < run.MaxSamples {
		return true
	}
	crowd, n := s.crowd()
	return crowd != class && n > run.MaxSamples/2
}

// crowd is the class with the most samples.
func (s *samples) crowd() (class string, n int) {
	for c, m := range s.count {
		if m > n {
			class, n = c, m
		}
	}
	return class, n
}

// add keeps a failure that is wanted.
func (s *samples) add(e run.ErrorSample) {
	if s.count == nil {
		s.count = map[string]int{}
	}
	if len(s.kept) == run.MaxSamples {
		crowd, _ := s.crowd()
		for i, old := range slices.Backward(s.kept) {
			if old.Class == crowd {
				s.kept = slices.Delete(s.kept, i, i+1)
				break
			}
		}
		s.count[crowd]--
	}
	s.kept = append(s.kept, e)
	s.count[e.Class]++
}

// list returns the samples in the order in which they failed.
func (s *samples) list() []run.ErrorSample { return append([]run.ErrorSample{}, s.kept...) }

// sample describes a failure.
func sample(n int64, at time.Duration, class string, out *run.Outcome) run.ErrorSample {
	e := run.ErrorSample{
		Request: n, AtSecs: at.Seconds(), Class: class, Status: out.Status, LatencyMs: ms(out.Latency),
		Body: printable(string(out.Body[:min(len(out.Body), run.MaxSampleBody)])),
	}
	if len(out.Body) >= run.MaxSampleBody {
		e.Body += run.Ellipsis
	}
	if e.Message = http.StatusText(out.Status); out.Err != nil {
		e.Message = printable(out.Err.Error())
	}
	return e
}

// printable replaces what a terminal would not show as it is.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			return r
		default:
			return ' '
		}
	}, strings.ToValidUTF8(text, " "))
}
