package stdlib

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"math/big"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newSecrets makes the secrets module; no seed reaches it.
func newSecrets(Host) *runtime.Module {
	token := func(name string, show func(b []byte) value) *runtime.Native {
		return define(name+"(nbytes=None)", func(th *thread, a args) (value, error) {
			b, err := secretBytes(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return show(b), nil
		})
	}
	m := members(
		token("token_bytes", func(b []byte) value { return runtime.Bytes(b) }),
		token("token_hex", func(b []byte) value { return runtime.Str(hex.EncodeToString(b)) }),
		token("token_urlsafe", func(b []byte) value { return runtime.Str(base64.RawURLEncoding.EncodeToString(b)) }),
		define("randbelow(exclusive_upper_bound)", func(_ *thread, a args) (value, error) {
			n := runtime.AsBig(a.Vals[0])
			if n == nil {
				return nil, notInteger(a.Vals[0])
			}
			if n.Sign() <= 0 {
				return nil, runtime.Errorf(runtime.ValueError, "Upper bound must be positive.")
			}
			r, err := rand.Int(rand.Reader, n)
			if err != nil {
				return nil, err
			}
			return runtime.NewBigInt(r), nil
		}),
		define("randbits(k)", func(th *thread, a args) (value, error) {
			k, err := runtime.Index(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return secretBits(th, k)
		}),
		define("choice(seq)", func(th *thread, a args) (value, error) {
			n, err := runtime.Len(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			if n == 0 {
				return nil, runtime.Errorf(runtime.IndexError, "Cannot choose from an empty sequence")
			}
			at, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
			if err != nil {
				return nil, err
			}
			return runtime.GetItem(th, a.Vals[0], runtime.NewInt(at.Int64()))
		}),
		define("compare_digest(a, b, /)", compareDigest),
	)
	m["SystemRandom"] = systemRandomClass
	return runtime.NewModule("secrets", m)
}

// secretBytes reads a count, 32 for None, and makes as many random bytes.
func secretBytes(th *thread, count value) ([]byte, error) {
	n := int64(32)
	if count != runtime.None {
		var err error
		if n, err = runtime.Index(count); err != nil {
			return nil, err
		}
	}
	if n < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "negative argument not allowed")
	}
	if err := th.AllocMany(int(n), 4); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	_, err := rand.Read(b)
	return b, err
}

func secretBits(th *thread, k int64) (value, error) {
	if k < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "number of bits must be non-negative")
	}
	b, err := secretBytes(th, runtime.NewInt(k/8+min(k%8, 1)))
	if err != nil {
		return nil, err
	}
	n := new(big.Int).SetBytes(b)
	return runtime.NewBigInt(n.Rsh(n, uint(int64(len(b))*8-k))), nil
}
