package stream

import (
	"bytes"
	"mime"
	"slices"
)

// splitter finds the events of a body that comes in pieces.
type splitter interface {
	feed(p []byte) int64 // how many events p completes
	end() int64          // how many events the end of the body completes
}

var lineTypes = []string{"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}

// newSplitter returns the splitter for a media type.
func newSplitter(contentType string) splitter {
	media, _, _ := mime.ParseMediaType(contentType) // what it cannot parse is none of these
	switch {
	case media == "text/event-stream":
		return &sse{}
	case slices.Contains(lineTypes, media):
		return &lines{}
	default:
		return pieces{}
	}
}

// pieces takes what comes at once for an event.
type pieces struct{}

func (pieces) feed(p []byte) int64 { return int64(min(1, len(p))) }
func (pieces) end() int64          { return 0 }

// lines takes each line that is not blank for an event; the last one needs no end.
type lines struct{ filled bool }

func (l *lines) feed(p []byte) (events int64) {
	for len(p) > 0 {
		line, rest, ended := bytes.Cut(p, []byte("\n"))
		l.filled = l.filled || len(bytes.TrimSpace(line)) > 0
		if ended {
			events += l.end()
		}
		p = rest
	}
	return events
}

func (l *lines) end() (events int64) {
	if l.filled {
		events = 1
	}
	l.filled = false
	return events
}

// sse finds server-sent events, as the HTML standard parses them: an event is what a blank line ends, if there was a field called
// data in it. What the end of the stream cuts off is none.
type sse struct {
	begun bool // what comes now is no byte order mark
	mark  int  // bytes of the byte order mark that came
	cr    bool // the byte before was a carriage return: a line feed belongs to it
	line  bool // there is something in the present line
	match int  // bytes of the present line that spell the field, without a break; −1: it is another one
	data  bool // the present event has data
}

const (
	byteOrderMark = "\uFEFF"
	dataField     = "data"
)

func (s *sse) feed(p []byte) (events int64) {
	for _, c := range p {
		if !s.begun && s.takeMark(c) {
			continue
		}
		switch {
		case c == '\n' && s.cr:
			s.cr = false
		case c == '\n', c == '\r':
			events += s.endLine()
			s.cr = c == '\r'
		default:
			s.cr, s.line = false, true
			s.take(c)
		}
	}
	return events
}

// takeMark takes a byte of a byte order mark. Where that is not one, the line begins.
func (s *sse) takeMark(c byte) (taken bool) {
	if s.mark < len(byteOrderMark) && c == byteOrderMark[s.mark] {
		s.mark++
		return true
	}
	if s.begun = true; s.mark > 0 && s.mark < len(byteOrderMark) {
		s.line, s.match = true, -1
	}
	return false
}

// take takes a byte of a line. The field ends at a colon or with the line.
func (s *sse) take(c byte) {
	switch {
	case s.match < 0 || s.match > len(dataField):
	case s.match < len(dataField) && c == dataField[s.match], s.match == len(dataField) && c == ':':
		s.match++
	default:
		s.match = -1
	}
}

func (s *sse) endLine() (events int64) {
	switch {
	case s.line:
		s.data = s.data || s.match >= len(dataField)
	case s.data:
		events, s.data = 1, false
	}
	s.line, s.match = false, 0
	return events
}

func (*sse) end() int64 { return 0 }
