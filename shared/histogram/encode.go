package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"iter"
	"math"
	"math/bits"
	"sync"
)

// The V2 encoding of HdrHistogram (HistogramLogProcessor's "compressed" form): base64 of
//
//	int32 cookie 0x1c849314 · int32 length of what follows · zlib( header · bins )
//	header: int32 cookie 0x1c849313 · int32 length of bins · int32 0 · int32 digits · int64 lowest · int64 highest · float64 1
//	bins:   zig-zag LEB128 of each count in index order, a run of n empty bins as −n
//
// The library writes the same with a fresh level-9 compressor of 815 kB each time; flushing would drown the collector in it.
const (
	compressedCookie = 0x1c849314
	plainCookie      = 0x1c849313
	headerBytes      = 40
)

// encoder is the reusable state of one encoding.
type encoder struct {
	plain  []byte
	packed bytes.Buffer
	zip    *zlib.Writer
}

var encoders = sync.Pool{New: func() any {
	e := &encoder{}
	e.zip, _ = zlib.NewWriterLevel(&e.packed, zlib.BestSpeed) // the level is valid
	return e
}}

// encode returns the V2 text of bins: the values, or any others of the same bins, and the counts of those that are not empty,
// in order.
func encode(filled iter.Seq2[int64, int64]) string {
	e := encoders.Get().(*encoder) //nolint:forcetypeassert // the pool holds nothing else
	defer encoders.Put(e)

	e.plain = append(e.plain[:0], make([]byte, headerBytes)...)
	next := 0
	for value, count := range filled {
		i := binIndex(value)
		switch gap := i - next; {
		case gap == 1:
			e.plain = append(e.plain, 0)
		case gap > 1:
			e.plain = appendZigZag(e.plain, int64(-gap))
		}
		e.plain = appendZigZag(e.plain, count)
		next = i + 1
	}
	h := e.plain
	binary.BigEndian.PutUint32(h[0:], plainCookie)
	binary.BigEndian.PutUint32(h[4:], uint32(len(h)-headerBytes)) //nolint:gosec // at most 9 bytes for each bin
	binary.BigEndian.PutUint32(h[12:], Digits)
	binary.BigEndian.PutUint64(h[16:], LowestMicros)
	binary.BigEndian.PutUint64(h[24:], HighestMicros)
	binary.BigEndian.PutUint64(h[32:], math.Float64bits(1))

	e.packed.Reset()
	e.packed.Write(make([]byte, 8))
	e.zip.Reset(&e.packed)
	_, _ = e.zip.Write(h) // a bytes.Buffer takes everything
	_ = e.zip.Close()
	out := e.packed.Bytes()
	binary.BigEndian.PutUint32(out[0:], compressedCookie)
	binary.BigEndian.PutUint32(out[4:], uint32(len(out)-8)) //nolint:gosec // as above
	return base64.StdEncoding.EncodeToString(out)
}

// subBits is the number of bits that keep Digits digits: the first 2^subBits values have a bin each, and each doubling of
// the value after that has half as many.
const subBits = 11

// binIndex returns the place of a value's bin in the order of the encoding.
func binIndex(value int64) int {
	shift := max(0, bits.Len64(uint64(value))-subBits) //nolint:gosec // values are positive
	return shift<<(subBits-1) + int(value>>shift)
}

// highestOfBin returns the largest value that shares a bin with the given one.
func highestOfBin(value int64) int64 {
	shift := max(0, bits.Len64(uint64(value))-subBits) //nolint:gosec // values are positive
	return value | (1<<shift - 1)
}

// appendZigZag appends a signed LEB128 number.
func appendZigZag(b []byte, v int64) []byte {
	return binary.AppendUvarint(b, uint64(v<<1^v>>63)) //nolint:gosec // the bits are what is meant
}
