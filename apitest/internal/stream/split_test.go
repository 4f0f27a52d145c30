package stream

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	events = "text/event-stream; charset=utf-8"
	jsonl  = "application/x-ndjson"
)

var bodies = []struct {
	name, contentType, body string
	events                  int64
}{
	{"an event", events, "data: a\n\n", 1},
	{"three", events, "data: a\n\ndata: b\n\ndata: c\n\n", 3},
	{"all fields", events, "event: tick\nid: 7\nretry: 10\ndata: a\n\n", 1},
	{"several lines of data are one event", events, "data: a\ndata: b\n\n", 1},
	{"no data, no event", events, "event: tick\nid: 7\n\n", 0},
	{"data without a value", events, "data\n\ndata:\n\n", 2},
	{"fields that only look like data", events, "dat: a\n\ndatax: b\n\nDATA: c\n\n data: d\n\nx: data: e\n\n", 0},
	{"comments", events, ": keep-alive\n\n:\n\n: data: x\n\ndata: a\n: and on\n\n", 1},
	{"blank lines", events, "\n\n\n\ndata: a\n\n\n\n", 1},
	{"carriage returns and line feeds", events, "data: a\r\n\r\ndata: b\r\n\r\n", 2},
	{"carriage returns", events, "data: a\r\rdata: b\r\r", 2},
	{"line ends of all kinds", events, "data: a\r\n\ndata: b\n\r\ndata: c\r\r\ndata: d\n\r", 4},
	{"byte order mark", events, "\uFEFFdata: a\n\n", 1},
	{"two byte order marks", events, "\uFEFF\uFEFFdata: a\n\n", 0},
	{"byte order mark later on", events, "data: a\n\n\uFEFFdata: b\n\n", 1},
	{"a piece of a byte order mark", events, "\xefdata: a\n\n\xef\n\n", 0},
	{"the end cuts one off", events, "data: a\n\ndata: b\n", 1},
	{"nothing", events, "", 0},

	{"lines", jsonl, "{}\n{}\n", 2},
	{"the last line has no end", jsonl, "{}\n{}", 2},
	{"blank lines are none", jsonl, "\n{}\r\n\r\n \n{}\n\n", 2},
	{"one blank line", jsonl, " \n", 0},
}

func count(contentType string, parts ...string) (n int64) {
	s := newSplitter(contentType)
	for _, part := range parts {
		n += s.feed([]byte(part))
	}
	return n + s.end()
}

// TestSplit counts the events of bodies that come at once, byte by byte, and cut in two anywhere.
func TestSplit(t *testing.T) {
	t.Parallel()
	for _, row := range bodies {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, row.events, count(row.contentType, row.body))
			var bytes []string
			for i := range len(row.body) {
				bytes = append(bytes, row.body[i:i+1])
			}
			assert.Equal(t, row.events, count(row.contentType, bytes...), "byte by byte")
			for i := range row.body {
				assert.Equal(t, row.events, count(row.contentType, row.body[:i], row.body[i:]), "cut at %d", i)
			}
		})
	}
}

// TestSplitAtOnce says that an event counts when its last byte has come, and not later.
func TestSplitAtOnce(t *testing.T) {
	t.Parallel()
	s := newSplitter(events)
	for i, part := range []string{"data: a\n\n", "data: b\r\n\r", "\ndata: c\r\r"} {
		require.EqualValues(t, 1, s.feed([]byte(part)), "part %d", i)
	}
}

func TestSplitPieces(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"", "text/plain", "application/json", "no;media;type"} {
		assert.EqualValues(t, 2, count(contentType, "a\n\nb\n\n", "", "c"), contentType)
	}
}

var lineEnd = regexp.MustCompile("\r\n|\r|\n")

// reference counts the events of a whole body, line by line, as the HTML standard describes it.
func reference(body string) (n int64) {
	lines := lineEnd.Split(strings.TrimPrefix(body, "\uFEFF"), -1)
	data := false
	for _, line := range lines[:len(lines)-1] { // what follows the last end is no line
		field, _, _ := strings.Cut(line, ":")
		switch {
		case line == "" && data:
			n++
			data = false
		case field == "data":
			data = true
		}
	}
	return n
}

func FuzzEvents(f *testing.F) {
	for _, row := range bodies {
		f.Add(row.body, 3)
	}
	f.Fuzz(func(t *testing.T, body string, cut int) {
		cut = min(max(0, cut), len(body))
		require.Equal(t, reference(body), count(events, body[:cut], body[cut:]))
	})
}

func BenchmarkEvents(b *testing.B) {
	body := []byte(strings.Repeat("event: tick\ndata: {\"product\":\"p-17\",\"price\":1299,\"stock\":3}\n\n", 100))
	s := newSplitter(events)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if s.feed(body) != 100 {
			b.Fatal("some were not found")
		}
	}
}
