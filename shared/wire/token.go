package wire

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

type token struct {
	header

	Run     string `json:"run"`
	Second  int    `json:"second"`
	Slice   int    `json:"slice"`
	Slices  int    `json:"slices"`
	First   int64  `json:"first"`
	Count   int64  `json:"count"`
	Planned int64  `json:"planned"`
	StartAt int64  `json:"start_at"` // nanoseconds
	Shift   int64  `json:"shift,omitempty"`
	Even    bool   `json:"even,omitempty"`
}

// Bounds of what a token may say, so that the numbers and instants of its arrivals cannot overflow.
const (
	maxSeconds  = int(load.MaxDuration / time.Second)
	maxSlices   = 1 << 20
	maxArrivals = load.MaxRPS * int64(maxSeconds)
)

// EncodeToken writes a token.
func EncodeToken(t load.Token) ([]byte, error) {
	return encode(token{
		header: header{Version},
		Run:    t.Run, Second: t.Second, Slice: t.Slice, Slices: t.Slices,
		First: t.First, Count: t.Count, Planned: t.Planned, StartAt: t.StartAt.UnixNano(), Shift: t.Shift, Even: t.Even,
	})
}

// DecodeToken reads a token. It fails with ErrVersion or ErrMalformed.
func DecodeToken(data []byte) (load.Token, error) {
	var t token
	if err := decode("token", data, &t); err != nil {
		return load.Token{}, err
	}
	switch {
	case !Name(t.Run):
		return load.Token{}, malformed("token", "run %q", t.Run)
	case t.Second < 0 || t.Second > maxSeconds:
		return load.Token{}, malformed("token", "second %d", t.Second)
	case t.Slices < 1 || t.Slices > maxSlices || t.Slice < 0 || t.Slice >= t.Slices:
		return load.Token{}, malformed("token", "slice %d of %d", t.Slice, t.Slices)
	case t.First < 0 || t.First > maxArrivals:
		return load.Token{}, malformed("token", "first %d", t.First)
	case t.Shift < -maxArrivals || t.Shift > t.First:
		return load.Token{}, malformed("token", "shift %d of first %d", t.Shift, t.First)
	case t.Count < 1 || t.Count > t.Planned || t.Planned > load.MaxRPS:
		return load.Token{}, malformed("token", "count %d of %d planned", t.Count, t.Planned)
	}
	return load.Token{
		Run: t.Run, Second: t.Second, Slice: t.Slice, Slices: t.Slices,
		First: t.First, Count: t.Count, Planned: t.Planned, StartAt: time.Unix(0, t.StartAt).UTC(), Shift: t.Shift, Even: t.Even,
	}, nil
}
