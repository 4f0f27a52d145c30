package stdlib

import (
	"crypto/hmac"
	"crypto/subtle"
	"hash"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newHMAC(Host) *runtime.Module {
	m := members(
		define("new(key, msg=None, digestmod='')", func(th *thread, a args) (value, error) {
			return makeHMAC(th, a.Vals[0], a.Vals[1], a.Vals[2])
		}),
		define("digest(key, msg, digest)", func(th *thread, a args) (value, error) {
			x, err := makeHMAC(th, a.Vals[0], a.Vals[1], a.Vals[2])
			if err != nil {
				return nil, err
			}
			sum, err := x.(*hashValue).sum(th, a)
			return runtime.Bytes(sum), err
		}),
		define("compare_digest(a, b, /)", compareDigest),
	)
	m["HMAC"] = runtime.Constructor(hmacClass, func(th *thread, _ *runtime.Class, a args) (value, error) {
		vals := make([]value, 3)
		if err := runtime.NewSignature("HMAC.__init__", "key, msg=None, digestmod=''").Bind("HMAC.__init__", a, vals); err != nil {
			return nil, err
		}
		return makeHMAC(th, vals[0], vals[1], vals[2])
	})
	return runtime.NewModule("hmac", m)
}

// newMAC makes a keyed hash; it can be cloned since all hashes here can.
func newMAC(construct hashMaker, key string) hash.Hash {
	return hmac.New(func() hash.Hash { return construct() }, []byte(key))
}

func makeHMAC(th *thread, key, msg, mod value) (value, error) {
	k, ok := bytesOf(key)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "key: expected bytes or bytearray, but got '%s'", key.Class().Name)
	}
	if has, err := runtime.Truth(th, mod); err != nil {
		return nil, err
	} else if !has {
		return nil, runtime.Errorf(runtime.TypeError, "Missing required parameter 'digestmod'.")
	}
	var name string
	if runtime.Callable(mod) {
		made, err := runtime.Call(th, mod)
		if err != nil {
			return nil, err
		}
		x, ok := made.(*hashValue)
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "digestmod made a %s, not a hash object", made.Class().Name)
		}
		name = x.name
	} else {
		var err error
		if name, err = algorithm(mod); err != nil {
			return nil, err
		}
	}
	construct := hashMakers[name]
	if construct == nil {
		return nil, runtime.Errorf(runtime.ValueError, "unsupported hash type %s", name)
	}
	mac, ok := newMAC(construct, k).(hash.Cloner)
	if !ok {
		return nil, runtime.Errorf(runtime.ValueError, "unsupported hash type %s", name)
	}
	x := &hashValue{class: hmacClass, name: "hmac-" + name, h: mac}
	if msg == runtime.None {
		return x, th.Alloc(512)
	}
	return x, x.update(th, msg)
}

// compareDigest takes the same time wherever two texts of one length differ.
func compareDigest(_ *thread, a args) (value, error) {
	x, xText := runtime.AsStr(a.Vals[0])
	y, yText := runtime.AsStr(a.Vals[1])
	if xText && yText {
		if !isASCII(x) || !isASCII(y) {
			return nil, runtime.Errorf(runtime.TypeError, "comparing strings with non-ASCII characters is not supported")
		}
	} else {
		var xBytes, yBytes bool
		x, xBytes = bytesOf(a.Vals[0])
		y, yBytes = bytesOf(a.Vals[1])
		if !xBytes && !yBytes {
			return nil, runtime.Errorf(runtime.TypeError, "unsupported operand types(s) or combination of types: '%s' and '%s'",
				a.Vals[0].Class().Name, a.Vals[1].Class().Name)
		}
		for _, v := range a.Vals[:2] {
			if _, err := wantBytes(v); err != nil {
				return nil, err
			}
		}
	}
	return runtime.NewBool(subtle.ConstantTimeCompare([]byte(x), []byte(y)) == 1), nil
}
