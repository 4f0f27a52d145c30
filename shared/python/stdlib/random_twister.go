package stdlib

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/binary"
	"math"
	"math/big"
	"math/bits"
	prng "math/rand/v2"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// source is what all functions of the random module draw from.
type source interface {
	float() float64          // of [0, 1)
	bits(k int) uint64       // k random bits, at most 32
	below(n uint64) uint64   // of [0, n)
	normal() (float64, bool) // a standard normal value, if the source has a way of its own
}

// fast is the thread's source, which the host seeds for each invocation.
type fast struct{ *prng.Rand }

func (f fast) float() float64          { return f.Float64() }
func (f fast) bits(k int) uint64       { return f.Uint64() >> (64 - k) }
func (f fast) below(n uint64) uint64   { return f.Uint64N(n) }
func (f fast) normal() (float64, bool) { return f.NormFloat64(), true }

// system is the operating system's randomness.
type system struct{}

func (system) word() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the process instead
	return binary.LittleEndian.Uint64(b[:])
}

func (s system) float() float64        { return float64(s.word()>>11) / (1 << 53) }
func (s system) bits(k int) uint64     { return s.word() >> (64 - k) }
func (s system) below(n uint64) uint64 { return drawBelow(s, n) }
func (system) normal() (float64, bool) { return 0, false }

// drawBelow draws as many bits as n has until they are less than n, as CPython does.
func drawBelow(s source, n uint64) uint64 {
	if n == 0 {
		return 0
	}
	k := bits.Len64(n)
	for {
		r := s.bits(min(k, 32))
		if k > 32 {
			r |= s.bits(k-32) << 32
		}
		if r < n {
			return r
		}
	}
}

// twister is MT19937, which CPython uses: a script that seeds it sees the numbers that
// it would see there.
type twister struct {
	runtime.Guard
	state [624]uint32
	at    int
	next  float64 // the second value of gauss
	kept  bool
}

// newTwister starts from the words of a seed, lowest first.
func newTwister(key []uint32) *twister {
	t := &twister{at: 624}
	s := &t.state
	s[0] = 19650218
	for i := 1; i < len(s); i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + uint32(i)
	}
	i, j := 1, 0
	step := func() {
		if i++; i >= len(s) {
			s[0], i = s[len(s)-1], 1
		}
	}
	for range max(len(s), len(key)) {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + key[j] + uint32(j)
		step()
		j = (j + 1) % len(key)
	}
	for range len(s) - 1 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		step()
	}
	s[0] = 0x80000000
	return t
}

func (t *twister) word() uint32 {
	if t.at >= len(t.state) {
		s := &t.state
		for i := range s {
			y := s[i]&0x80000000 | s[(i+1)%len(s)]&0x7fffffff
			s[i] = s[(i+397)%len(s)] ^ y>>1 ^ -(y&1)&0x9908b0df
		}
		t.at = 0
	}
	y := t.state[t.at]
	t.at++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

func (t *twister) float() float64 {
	t.Lock()
	defer t.Unlock()
	a, b := t.word()>>5, t.word()>>6
	return (float64(a)*67108864 + float64(b)) / (1 << 53)
}

func (t *twister) bits(k int) uint64 {
	t.Lock()
	defer t.Unlock()
	return uint64(t.word() >> (32 - k))
}

func (t *twister) below(n uint64) uint64   { return drawBelow(t, n) }
func (t *twister) normal() (float64, bool) { return 0, false }

// gauss is a normal value; they come in pairs, of which one is kept.
func gauss(s source) float64 {
	if z, ok := s.normal(); ok {
		return z
	}
	t, keeps := s.(*twister)
	if keeps {
		t.Lock()
		z, kept := t.next, t.kept
		t.kept = false
		t.Unlock()
		if kept {
			return z
		}
	}
	angle := s.float() * 2 * math.Pi
	radius := math.Sqrt(-2 * math.Log(1-s.float()))
	if keeps {
		t.Lock()
		t.next, t.kept = math.Sin(angle)*radius, true
		t.Unlock()
	}
	return math.Cos(angle) * radius
}

// seeded makes the generator of a seed; nil for None.
func seeded(v, version value) (*twister, error) {
	var n *big.Int
	switch x := runtime.Data(v).(type) {
	case runtime.NoneType:
		return nil, nil
	case runtime.Float:
		n = new(big.Int).SetUint64(uint64(floatHash(float64(x)))) // CPython takes the hash as unsigned
	case runtime.Str:
		n = textSeed(string(x))
	case runtime.Bytes:
		n = textSeed(string(x))
	default:
		if n = runtime.AsBig(x); n == nil {
			return nil, runtime.Errorf(runtime.TypeError, "The only supported seed types are: None,\nint, float, str, bytes, and bytearray.")
		}
	}
	if one, ok := runtime.AsInt(version); !ok || one != 2 {
		return nil, runtime.Errorf(runtime.ValueError, "only version 2 of seeds is available")
	}
	n = new(big.Int).Abs(n)
	var key []uint32
	for word := new(big.Int); n.Sign() > 0; n.Rsh(n, 32) {
		key = append(key, uint32(word.And(n, big.NewInt(math.MaxUint32)).Uint64()))
		if len(key) > 1<<16 {
			return nil, runtime.Errorf(runtime.ValueError, "the seed is too large")
		}
	}
	if len(key) == 0 {
		key = []uint32{0}
	}
	return newTwister(key), nil
}

// textSeed is the number that a text stands for.
func textSeed(s string) *big.Int {
	sum := sha512.Sum512([]byte(s))
	return new(big.Int).SetBytes(append([]byte(s), sum[:]...))
}

// floatHash is CPython's hash of a float, modulo 2**61 - 1.
func floatHash(f float64) int64 {
	switch {
	case math.IsInf(f, 0):
		return int64(math.Copysign(314159, f))
	case math.IsNaN(f):
		return 0
	}
	m, e := math.Frexp(math.Abs(f))
	x := uint64(0)
	for m != 0 {
		x = x<<28&(1<<61-1) | x>>(61-28)
		m *= 1 << 28
		e -= 28
		y := uint64(m)
		m -= float64(y)
		if x += y; x >= 1<<61-1 {
			x -= 1<<61 - 1
		}
	}
	if e %= 61; e < 0 {
		e += 61
	}
	x = x<<e&(1<<61-1) | x>>(61-e)
	if f < 0 {
		return -int64(x)
	}
	return int64(x)
}
