package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Version is the version of every message that this package writes, and the newest that it reads.
const Version = 1

// Errors of the decoders. Match them with errors.Is.
var (
	// ErrVersion says that a message was written by another version of the program.
	ErrVersion = errors.New("unknown version")
	// ErrMalformed says that a message is not what it should be.
	ErrMalformed = errors.New("malformed")
)

// header is the part of each message that tells its version.
type header struct {
	V int `json:"v"`
}

// decode reads a message of the given kind and checks its version. into must embed header.
func decode[T interface{ version() int }](kind string, data []byte, into T) error {
	err := json.Unmarshal(data, into)
	// A newer version may have changed the type of a field: that is the better thing to say.
	if v := into.version(); v != Version && (err == nil || v > 0) {
		return fmt.Errorf("%s: %w %d: this program reads version %d", kind, ErrVersion, v, Version)
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %w", kind, ErrMalformed, err)
	}
	return nil
}

func (h *header) version() int { return h.V }

func malformed(kind, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", kind, ErrMalformed, fmt.Sprintf(format, args...))
}

// encode writes a message. It cannot fail: the values hold neither functions nor cycles, and what is not finite is refused
// where it arises.
func encode(message any) ([]byte, error) {
	data, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("encode message: %w", err)
	}
	return data, nil
}

// Name reports whether s may stand as one token of a subject, as the names of pools, runs and generators do.
func Name(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return s != ""
}

// distribution is a histogram.Snapshot.
type distribution struct {
	Count int64  `json:"count"`
	Min   int64  `json:"min_us"`
	Sum   int64  `json:"sum_us"`
	P50   int64  `json:"p50_us"`
	P99   int64  `json:"p99_us"`
	Max   int64  `json:"max_us"`
	HDR   string `json:"hdr"`
}

func fromSnapshot(s histogram.Snapshot) distribution {
	return distribution{
		Count: s.Count, Min: s.MinMicros, Sum: s.SumMicros, P50: s.P50Micros, P99: s.P99Micros, Max: s.MaxMicros, HDR: s.HDR,
	}
}

func (d distribution) snapshot() histogram.Snapshot {
	return histogram.Snapshot{
		Count: d.Count, MinMicros: d.Min, SumMicros: d.Sum, P50Micros: d.P50, P99Micros: d.P99, MaxMicros: d.Max, HDR: d.HDR,
	}
}

// millis is a duration in milliseconds, exact to the nanosecond for the durations of a plan.
type millis float64

func fromDuration(d time.Duration) millis { return millis(float64(d) / float64(time.Millisecond)) }

func (m millis) duration() time.Duration {
	return time.Duration(math.Round(float64(m) * float64(time.Millisecond)))
}

// sane reports whether m is within the longest profile, which also keeps it exact.
func (m millis) sane() bool { return math.Abs(float64(m)) <= float64(fromDuration(load.MaxDuration)) }

// micros rounds a duration up to microseconds, so that the bound of an error stays one.
func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }

// utc drops the monotonic reading and the zone; the zero time stays zero.
func utc(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.Round(0).UTC()
}

// year0 and year9 bound the instants of a run.
var (
	year0 = time.Unix(0, 0)
	year9 = time.Unix(0, math.MaxInt64)
)

func saneInstant(t time.Time) bool { return t.IsZero() || (!t.Before(year0) && !t.After(year9)) }
