package stdlib

import (
	"crypto/md5" //nolint:gosec // the definition of uuid3
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the definition of uuid5
	"encoding/hex"
	"math/big"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// uuidValue is uuid.UUID.
type uuidValue struct{ b [16]byte }

var uuidClass = newUUIDClass()

func newUUIDClass() *runtime.Class {
	get := func(name string, f func(u *uuidValue) value) *runtime.Getter {
		return &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) { return f(self.(*uuidValue)), nil }}
	}
	return runtime.NewNativeClass("uuid", "UUID", runtime.Members{
		"hex":     get("hex", func(u *uuidValue) value { return runtime.Str(hex.EncodeToString(u.b[:])) }),
		"bytes":   get("bytes", func(u *uuidValue) value { return runtime.Bytes(u.b[:]) }),
		"int":     get("int", func(u *uuidValue) value { return runtime.NewBigInt(new(big.Int).SetBytes(u.b[:])) }),
		"version": get("version", func(u *uuidValue) value { return runtime.NewInt(int64(u.b[6] >> 4)) }),
		"urn":     get("urn", func(u *uuidValue) value { return runtime.Str("urn:uuid:" + u.text()) }),
	})
}

// Class implements runtime.Value.
func (*uuidValue) Class() *runtime.Class { return uuidClass }

func (u *uuidValue) text() string {
	h := hex.EncodeToString(u.b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Str is the usual text.
func (u *uuidValue) Str(*thread) (string, error) { return u.text(), nil }

// Repr is the constructor's call.
func (u *uuidValue) Repr(*thread) (string, error) { return "UUID('" + u.text() + "')", nil }

// HashValue makes equal ids equal keys.
func (u *uuidValue) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.Bytes(u.b[:]))
}

// CompareTo orders ids by their bytes.
func (u *uuidValue) CompareTo(th *thread, op runtime.CmpOp, other value) (value, error) {
	o, ok := other.(*uuidValue)
	if !ok {
		return nil, nil
	}
	return runtime.Compare(th, op, runtime.Bytes(u.b[:]), runtime.Bytes(o.b[:]))
}

// versioned sets the bits that tell version and variant.
func versioned(b []byte, version byte) *uuidValue {
	u := &uuidValue{}
	copy(u.b[:], b)
	u.b[6] = u.b[6]&0x0f | version<<4
	u.b[8] = u.b[8]&0x3f | 0x80
	return u
}

func randomUUID() *uuidValue {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the process instead
	return versioned(b[:], 4)
}

// gregorian is the start of the time that version 1 counts, in 100 ns before 1970.
const gregorian = 0x01b21dd213814000

func timeUUID() *uuidValue {
	u := randomUUID()
	t := uint64(time.Now().UnixNano()/100) + gregorian
	for i, shift := range []uint{24, 16, 8, 0, 40, 32, 56, 48} {
		u.b[i] = byte(t >> shift)
	}
	return versioned(u.b[:], 1)
}

func parseUUID(text string) (*uuidValue, error) {
	s := strings.NewReplacer("urn:", "", "uuid:", "", "{", "", "}", "", "-", "").Replace(text)
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 16 {
		return nil, runtime.Errorf(runtime.ValueError, "badly formed hexadecimal UUID string")
	}
	u := &uuidValue{}
	copy(u.b[:], b)
	return u, nil
}

func makeUUID(_ *thread, _ *runtime.Class, a args) (value, error) {
	if v := a.Kw("bytes"); v != nil {
		b, ok := v.(runtime.Bytes)
		if !ok || len(b) != 16 {
			return nil, runtime.Errorf(runtime.ValueError, "bytes is not a 16-char string")
		}
		u := &uuidValue{}
		copy(u.b[:], b)
		return u, nil
	}
	if v := a.Kw("int"); v != nil {
		n := runtime.AsBig(v)
		if n == nil || n.Sign() < 0 || n.BitLen() > 128 {
			return nil, runtime.Errorf(runtime.ValueError, "int is out of range (need a 128-bit value)")
		}
		u := &uuidValue{}
		n.FillBytes(u.b[:])
		return u, nil
	}
	v := a.Kw("hex")
	if a.NPos() > 0 {
		v = a.Vals[0]
	}
	if v == nil {
		return nil, runtime.Errorf(runtime.TypeError, "one of the hex, bytes, bytes_le, fields, or int arguments must be given")
	}
	s, ok := runtime.AsStr(v)
	if !ok {
		return nil, runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute 'replace'", v.Class().Name)
	}
	return parseUUID(s)
}

func newUUID(Host) *runtime.Module {
	named := func(name string, version byte, sum func(b []byte) []byte) *runtime.Native {
		return define(name+"(namespace, name)", func(th *thread, a args) (value, error) {
			ns, ok := a.Vals[0].(*uuidValue)
			text, isText := runtime.AsStr(a.Vals[1])
			if !ok || !isText {
				return nil, runtime.Errorf(runtime.TypeError, "%s() needs a UUID and a str", name)
			}
			return versioned(sum(append(ns.b[:], text...))[:16], version), th.Alloc(len(text))
		})
	}
	m := members(
		define("uuid4()", func(*thread, args) (value, error) { return randomUUID(), nil }),
		define("uuid1(node=None, clock_seq=None)", func(*thread, args) (value, error) { return timeUUID(), nil }),
		named("uuid3", 3, func(b []byte) []byte { s := md5.Sum(b); return s[:] }),  //nolint:gosec // the definition of uuid3
		named("uuid5", 5, func(b []byte) []byte { s := sha1.Sum(b); return s[:] }), //nolint:gosec // the definition of uuid5
	)
	m["UUID"] = runtime.Constructor(uuidClass, makeUUID)
	for i, name := range []string{"NAMESPACE_DNS", "NAMESPACE_URL", "NAMESPACE_OID"} {
		ns, _ := parseUUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8") // a constant of the right form
		ns.b[3] += byte(i)
		m[name] = ns
	}
	return runtime.NewModule("uuid", m)
}
