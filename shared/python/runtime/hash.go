package runtime

import (
	"hash/maphash"
	"math"
	"math/big"
	"unsafe"
)

// hashModulus is CPython's for numbers: 2**61 - 1.
const hashModulus = 1<<61 - 1

var hashModulusBig = big.NewInt(hashModulus)

// Hash is Python's hash(v); equal values have equal hashes.
func Hash(th *Thread, v Value) (int64, error) {
	switch v := v.(type) {
	case Str, Int, Bool, NoneType, Float, *BigInt, Bytes, *Class, *Function, *Native:
		return int64(simpleHash(v)), nil
	case *Tuple:
		if err := th.enter(" while calling a Python object"); err != nil {
			return 0, err
		}
		defer th.leave()
		h := uint64(2870177450012600261)
		for _, item := range v.Items {
			if err := th.Step(); err != nil {
				return 0, err
			}
			x, err := Hash(th, item)
			if err != nil {
				return 0, err
			}
			h += uint64(x) * 14029467366897019727
			h = (h<<31 | h>>33) * 11400714785074694791
		}
		return int64(h + uint64(len(v.Items))), nil
	case *Set:
		if !v.frozen {
			return 0, unhashable(v)
		}
		var h int64
		for _, e := range v.d.snapshot() {
			if err := th.Step(); err != nil {
				return 0, err
			}
			x, err := Hash(th, e.key)
			if err != nil {
				return 0, err
			}
			h ^= int64(spread(uint64(x)))
		}
		return h, nil
	case *List, *Dict, *Slice:
		return 0, unhashable(v)
	}
	return hashInstance(th, v)
}

func unhashable(v Value) error {
	return Errorf(TypeError, "unhashable type: '%s'", v.Class().Name)
}

func hashInstance(th *Thread, v Value) (int64, error) {
	if v.Class().Lookup("__hash__") == None {
		return 0, unhashable(v)
	}
	if o := object(v); o != nil {
		if m := o.class.script("__hash__"); m != nil {
			r, err := callMethod(th, v, m)
			if err != nil {
				return 0, err
			}
			n, ok := AsInt(r)
			if !ok {
				return 0, Errorf(TypeError, "__hash__ method should return an integer")
			}
			return n, nil
		}
		if o.native != nil {
			return Hash(th, o.native)
		}
	}
	if h, ok := v.(interface {
		HashValue(th *Thread) (int64, error)
	}); ok {
		return h.HashValue(th)
	}
	if b, ok := v.(*BoundMethod); ok {
		x, err := Hash(th, b.Fn)
		return x ^ address(b.Self), err
	}
	return address(v) >> 4, nil
}

// simpleHash is the hash of a value for which simple holds.
func simpleHash(v Value) uint64 {
	switch v := v.(type) {
	case Str:
		return uint64(hashString(string(v)))
	case Bytes:
		return uint64(hashString(string(v)))
	case Int:
		return uint64(hashInt(int64(v)))
	case Bool:
		if v {
			return 1
		}
		return 0
	case Float:
		return uint64(hashFloat(float64(v)))
	case *BigInt:
		m := new(big.Int).Abs(v.v)
		h := m.Mod(m, hashModulusBig).Int64()
		if v.v.Sign() < 0 {
			h = -h
		}
		return uint64(h)
	case *Object:
		if s, ok := v.native.(Str); ok {
			return uint64(hashString(string(s)))
		}
	}
	return uint64(address(v) >> 4)
}

func hashString(s string) int64 {
	if h := int64(maphash.String(hashSeed, s)); h != 0 {
		return h
	}
	return 1 // 0 stands for "not computed yet" in a dict
}

func hashInt(n int64) int64 {
	if n == math.MinInt64 {
		return -(1 << 2)
	}
	if n < 0 {
		if h := -(-n % hashModulus); h != -1 {
			return h
		}
		return -2
	}
	return n % hashModulus
}

func hashFloat(f float64) int64 {
	if f == math.Trunc(f) && math.Abs(f) < 1<<62 {
		return hashInt(int64(f))
	}
	switch {
	case math.IsInf(f, 1):
		return 314159
	case math.IsInf(f, -1):
		return -314159
	case math.Abs(f) >= 1<<62 && !math.IsNaN(f):
		n, _ := big.NewFloat(f).Int(nil)
		return int64(simpleHash(&BigInt{n}))
	}
	frac, exp := math.Frexp(f)
	return int64(spread(math.Float64bits(frac))>>3) + int64(exp)
}

// address is a number that tells one object from another while both live.
func address(v Value) int64 {
	switch v := v.(type) {
	case Str:
		return int64(maphash.String(hashSeed, string(v)) >> 16)
	case Int:
		return int64(v)*32 + 0x955e00
	}
	type iface struct{ typ, data unsafe.Pointer }
	return int64(uintptr((*iface)(unsafe.Pointer(&v)).data)) //nolint:gosec // only read as a number, for id()
}
