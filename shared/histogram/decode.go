package histogram

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// decoder is the reusable state of one decoding. The library's Decode makes a new decompressor of 44 kB for each histogram,
// which is what an aggregator would do most of the time.
type decoder struct {
	packed []byte
	source bytes.Reader
	zip    io.ReadCloser // nil before the first use
	plain  bytes.Buffer
	bins   *hdr.PackedHistogram
}

var decoders = sync.Pool{New: func() any {
	return &decoder{bins: hdr.NewPacked(LowestMicros, HighestMicros, Digits)}
}}

// maxPlain bounds what a text may inflate to: each bin takes at most 9 bytes.
const maxPlain = headerBytes + 9*int64(bins)

// decode reads the V2 text into d.bins.
func (d *decoder) decode(text string) error {
	if err := d.inflate(text); err != nil {
		return err
	}
	h := d.plain.Bytes()
	if len(h) < headerBytes {
		return errors.New("too short for a header")
	}
	length, digits := binary.BigEndian.Uint32(h[4:]), binary.BigEndian.Uint32(h[12:])
	lowest, highest := binary.BigEndian.Uint64(h[16:]), binary.BigEndian.Uint64(h[24:])
	switch {
	case binary.BigEndian.Uint32(h)&^cookieWidth != plainCookie&^cookieWidth:
		return fmt.Errorf("cookie %#x", binary.BigEndian.Uint32(h))
	case lowest != LowestMicros || highest != HighestMicros || digits != Digits:
		return fmt.Errorf("range %d to %d with %d digits", lowest, highest, digits)
	case int(length) != len(h)-headerBytes:
		return fmt.Errorf("%d bytes of bins said, %d found", length, len(h)-headerBytes)
	}
	return d.fill(h[headerBytes:])
}

// cookieWidth are the bits of a cookie that say how wide an uncompressed count would be; they mean nothing here.
const cookieWidth = 0xf0

// inflate undoes base64 and zlib.
func (d *decoder) inflate(text string) error {
	size := base64.StdEncoding.DecodedLen(len(text))
	d.packed = slices.Grow(d.packed[:0], size)[:size]
	n, err := base64.StdEncoding.Decode(d.packed, []byte(text))
	if err != nil {
		return err
	}
	packed := d.packed[:n]
	switch {
	case n < 8:
		return errors.New("too short for a cookie")
	case binary.BigEndian.Uint32(packed)&^cookieWidth != compressedCookie&^cookieWidth:
		return fmt.Errorf("cookie %#x", binary.BigEndian.Uint32(packed))
	case int64(binary.BigEndian.Uint32(packed[4:])) > int64(n-8):
		return errors.New("cut short")
	}
	d.source.Reset(packed[8 : 8+binary.BigEndian.Uint32(packed[4:])])
	if d.zip == nil {
		if d.zip, err = zlib.NewReader(&d.source); err != nil {
			return err
		}
	} else if err := d.zip.(zlib.Resetter).Reset(&d.source, nil); err != nil { //nolint:forcetypeassert // as zlib documents
		return err
	}
	d.plain.Reset()
	if _, err = io.Copy(&d.plain, io.LimitReader(d.zip, maxPlain+1)); err != nil {
		return err
	}
	if int64(d.plain.Len()) > maxPlain {
		return errors.New("more bins than there are")
	}
	return nil
}

// fill reads the bins: counts in index order, negative numbers for runs of empty bins.
func (d *decoder) fill(plain []byte) error {
	d.bins.Reset()
	for next := 0; len(plain) > 0; {
		u, n := binary.Uvarint(plain)
		if n <= 0 {
			return errors.New("a count is cut short")
		}
		plain = plain[n:]
		switch count := int64(u>>1) ^ -int64(u&1); {
		case count > 0:
			value := binValue(next)
			if value > HighestMicros {
				return errors.New("a bin above the range")
			}
			if err := d.bins.RecordValues(value, count); err != nil {
				return err
			}
			next++
		case count == 0:
			next++
		case count < -HighestMicros:
			return errors.New("a gap beyond the range")
		default:
			next -= int(count)
		}
	}
	return nil
}

// binValue returns the lowest value of a bin, the inverse of binIndex.
func binValue(i int) int64 {
	shift := max(0, i>>(subBits-1)-1)
	if shift > 64-subBits {
		return HighestMicros + 1
	}
	return int64(i-shift<<(subBits-1)) << shift
}
