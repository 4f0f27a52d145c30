package wire_test

import (
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// fuzz checks that a decoder never panics, fails with one of its two errors, and that whatever it accepts is read again as
// the same value after it was written.
func fuzz[T any](f *testing.F, decode func([]byte) (T, error), encode func(T) ([]byte, error)) {
	f.Helper()
	for _, m := range messages() {
		golden, err := os.ReadFile(goldenPath(m.name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(golden)
	}
	f.Add([]byte(`{"v":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := decode(data)
		if err != nil {
			if !errors.Is(err, wire.ErrVersion) && !errors.Is(err, wire.ErrMalformed) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		written, err := encode(value)
		if err != nil {
			t.Fatalf("%+v cannot be written: %v", value, err)
		}
		again, err := decode(written)
		if err != nil {
			t.Fatalf("%s cannot be read: %v", written, err)
		}
		if diff := cmp.Diff(value, again, equalJSON); diff != "" {
			t.Fatalf("first - again +\n%s", diff)
		}
	})
}

// equalJSON takes results for equal that differ in white space, and absent maps and lists for empty ones.
var equalJSON = cmp.Options{
	cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Result" },
		cmp.Comparer(func(a, b []byte) bool { return normal(a) == normal(b) })),
	emptied[map[int]int64](func(m map[int]int64) int { return len(m) }),
	emptied[map[string]int64](func(m map[string]int64) int { return len(m) }),
	emptied[map[string]load.CheckCount](func(m map[string]load.CheckCount) int { return len(m) }),
	emptied[[]string](func(s []string) int { return len(s) }),
	emptied[[]load.ErrorSample](func(s []load.ErrorSample) int { return len(s) }),
}

func emptied[T any](size func(T) int) cmp.Option {
	return cmp.FilterValues(func(a, b T) bool { return size(a) == 0 && size(b) == 0 }, cmp.Ignore())
}

func normal(data []byte) string {
	var v json.RawMessage
	if json.Unmarshal(data, &v) != nil {
		return string(data)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return string(data)
	}
	return string(out)
}

func FuzzDecodeToken(f *testing.F) { fuzz(f, wire.DecodeToken, wire.EncodeToken) }

func FuzzDecodeEvent(f *testing.F) { fuzz(f, wire.DecodeEvent, wire.EncodeEvent) }

func FuzzDecodeRun(f *testing.F) { fuzz(f, wire.DecodeRun, wire.EncodeRun) }

func FuzzDecodeGenerator(f *testing.F) { fuzz(f, wire.DecodeGenerator, wire.EncodeGenerator) }

func FuzzDecodeState(f *testing.F) {
	fuzz(f, wire.DecodeState, func(s wire.State) ([]byte, error) {
		switch {
		case s.Decision != nil:
			return wire.EncodeDecision(*s.Decision)
		case s.Parts != nil:
			return wire.EncodeParts("r", s.Parts)
		case s.Part != nil:
			return wire.EncodePart("r", s.Part)
		default:
			return wire.EncodeResult("r", s.Result)
		}
	})
}

func BenchmarkEncodeToken(b *testing.B) {
	token := exampleToken()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.EncodeToken(token); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeToken(b *testing.B) {
	data, err := wire.EncodeToken(exampleToken())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.DecodeToken(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeEvent(b *testing.B) {
	data, err := wire.EncodeEvent(exampleEvent())
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := wire.DecodeEvent(data); err != nil {
			b.Fatal(err)
		}
	}
}
