package stdlib

import (
	"encoding/binary"
	"hash"
	"math/bits"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// blakeKind is what BLAKE2b and BLAKE2s, of RFC 7693, differ in.
type blakeKind struct {
	name      string
	word      int // bytes of a word
	rounds    int
	rotations [4]int
	start     [8]uint64
}

var (
	blake2b = &blakeKind{"blake2b", 8, 12, [4]int{32, 24, 16, 63}, [8]uint64{
		0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
		0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
	}}
	blake2s = &blakeKind{"blake2s", 4, 10, [4]int{16, 12, 8, 7}, [8]uint64{
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
	}}
)

var blakeOrder = [10][16]uint8{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
	{14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
	{11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
	{7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
	{9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
	{2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
	{12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
	{13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
	{6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
	{10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
}

// blake is the state of one BLAKE2 hash; words of BLAKE2s use the low half.
type blake struct {
	kind  *blakeKind
	first [8]uint64 // the state without data, for Reset
	key   []byte    // padded to a block, or empty
	h     [8]uint64
	count uint64 // bytes compressed
	rest  []byte // at most a block
	size  int
}

func newBlake(kind *blakeKind, size int) *blake { return newBlakeWith(kind, size, "", "", "") }

// newBlakeWith takes key, salt and personalisation of checked lengths.
func newBlakeWith(kind *blakeKind, size int, key, salt, person string) *blake {
	b := &blake{kind: kind, first: kind.start, size: size}
	parameters := make([]byte, 8*kind.word)
	parameters[0], parameters[1], parameters[2], parameters[3] = byte(size), byte(len(key)), 1, 1
	copy(parameters[4*kind.word:], salt)
	copy(parameters[6*kind.word:], person)
	for i := range b.first {
		b.first[i] ^= kind.get(parameters, i)
	}
	if key != "" {
		b.key = make([]byte, b.BlockSize())
		copy(b.key, key)
	}
	b.Reset()
	return b
}

func (k *blakeKind) get(b []byte, i int) uint64 {
	if k.word == 8 {
		return binary.LittleEndian.Uint64(b[8*i:])
	}
	return uint64(binary.LittleEndian.Uint32(b[4*i:]))
}

func (k *blakeKind) rotate(x uint64, n int) uint64 {
	if k.word == 8 {
		return bits.RotateLeft64(x, -n)
	}
	return uint64(bits.RotateLeft32(uint32(x), -n))
}

// Reset implements hash.Hash.
func (b *blake) Reset() {
	b.h, b.count = b.first, 0
	b.rest = append(b.rest[:0], b.key...)
}

// Size implements hash.Hash.
func (b *blake) Size() int { return b.size }

// BlockSize implements hash.Hash.
func (b *blake) BlockSize() int { return 16 * b.kind.word }

// Write implements hash.Hash. The last block stays until it is known to be the last.
func (b *blake) Write(p []byte) (int, error) {
	n, block := len(p), b.BlockSize()
	for len(b.rest)+len(p) > block {
		take := block - len(b.rest)
		b.rest = append(b.rest, p[:take]...)
		p = p[take:]
		b.count += uint64(block)
		b.compress(b.rest, 0)
		b.rest = b.rest[:0]
	}
	b.rest = append(b.rest, p...)
	return n, nil
}

// Sum implements hash.Hash.
func (b *blake) Sum(to []byte) []byte {
	c := *b
	c.count += uint64(len(b.rest))
	c.compress(append(append([]byte(nil), b.rest...), make([]byte, b.BlockSize()-len(b.rest))...), ^uint64(0))
	var out []byte
	for _, w := range c.h {
		if b.kind.word == 8 {
			out = binary.LittleEndian.AppendUint64(out, w)
		} else {
			out = binary.LittleEndian.AppendUint32(out, uint32(w))
		}
	}
	return append(to, out[:b.size]...)
}

// Clone implements hash.Cloner.
func (b *blake) Clone() (hash.Cloner, error) {
	c := *b
	c.rest = append([]byte(nil), b.rest...)
	return &c, nil
}

func (b *blake) compress(block []byte, last uint64) {
	k, mask := b.kind, ^uint64(0)
	if k.word == 4 {
		mask = 0xffffffff
	}
	var m, v [16]uint64
	for i := range m {
		m[i] = k.get(block, i)
	}
	copy(v[:8], b.h[:])
	copy(v[8:], k.start[:])
	v[12] ^= b.count & mask
	if k.word == 4 {
		v[13] ^= b.count >> 32
	}
	v[14] ^= last & mask
	mix := func(a, b, c, d int, x, y uint64) {
		v[a] = (v[a] + v[b] + x) & mask
		v[d] = k.rotate(v[d]^v[a], k.rotations[0])
		v[c] = (v[c] + v[d]) & mask
		v[b] = k.rotate(v[b]^v[c], k.rotations[1])
		v[a] = (v[a] + v[b] + y) & mask
		v[d] = k.rotate(v[d]^v[a], k.rotations[2])
		v[c] = (v[c] + v[d]) & mask
		v[b] = k.rotate(v[b]^v[c], k.rotations[3])
	}
	for round := range k.rounds {
		s := &blakeOrder[round%10]
		for i := range 4 {
			mix(i, i+4, i+8, i+12, m[s[2*i]], m[s[2*i+1]])
		}
		for i := range 4 {
			mix(i, (i+1)%4+4, (i+2)%4+8, (i+3)%4+12, m[s[2*i+8]], m[s[2*i+9]])
		}
	}
	for i := range b.h {
		b.h[i] ^= v[i] ^ v[i+8]
	}
}

// blakeFunction is hashlib.blake2b or blake2s; the tree modes are left out.
func blakeFunction(name string) *runtime.Native {
	kind := blake2b
	if name == "blake2s" {
		kind = blake2s
	}
	most, salted := 8*kind.word, 2*kind.word
	return define(name+"(data=, /, *, digest_size=, key=, salt=, person=, usedforsecurity=True)", func(th *thread, a args) (value, error) {
		size := int64(most)
		if a.Vals[1] != nil {
			var err error
			if size, err = runtime.Index(a.Vals[1]); err != nil {
				return nil, err
			}
		}
		if size < 1 || size > int64(most) {
			return nil, runtime.Errorf(runtime.ValueError, "digest_size must be between 1 and %d bytes", most)
		}
		var texts [3]string
		for i, limit := range []int{most, salted, salted} {
			if a.Vals[2+i] == nil {
				continue
			}
			s, err := wantBytes(a.Vals[2+i])
			if err != nil {
				return nil, err
			}
			if len(s) > limit {
				return nil, runtime.Errorf(runtime.ValueError, "maximum %s length is %d bytes", []string{"key", "salt", "person"}[i], limit)
			}
			texts[i] = s
		}
		x := &hashValue{class: hashClass, name: name, h: newBlakeWith(kind, int(size), texts[0], texts[1], texts[2])}
		if a.Vals[0] == nil {
			return x, th.Alloc(512)
		}
		return x, x.update(th, a.Vals[0])
	})
}
