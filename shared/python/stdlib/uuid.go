package stdlib

import (
	"crypto/md5" //nolint:gosec // the definition of uuid3
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // the definition of uuid5
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// uuidValue is uuid.UUID.
type uuidValue struct{ b [16]byte }

var uuidClass = newUUIDClass()

func newUUIDClass() *runtime.Class {
	m := runtime.Members{
		"hex":      attribute("hex", func(u *uuidValue) value { return runtime.Str(hex.EncodeToString(u.b[:])) }),
		"bytes":    attribute("bytes", func(u *uuidValue) value { return runtime.Bytes(u.b[:]) }),
		"bytes_le": attribute("bytes_le", func(u *uuidValue) value { b := swapped(u.b); return runtime.Bytes(b[:]) }),
		"int":      attribute("int", func(u *uuidValue) value { return u.number(0, 16) }),
		"urn":      attribute("urn", func(u *uuidValue) value { return runtime.Str("urn:uuid:" + u.text()) }),
		"version": attribute("version", func(u *uuidValue) value {
			if u.variant() != variantRFC4122 {
				return runtime.None
			}
			return runtime.NewInt(int64(u.b[6] >> 4))
		}),
		"variant": attribute("variant", func(u *uuidValue) value { return runtime.Str(u.variant()) }),
		"fields": attribute("fields", func(u *uuidValue) value {
			fields := make([]value, len(uuidFields))
			for i, f := range uuidFields {
				fields[i] = u.number(f.from, f.to)
			}
			return runtime.NewTuple(fields...)
		}),
		"time": attribute("time", func(u *uuidValue) value {
			return runtime.NewInt(int64(u.b[6]&0x0f)<<56 | int64(u.b[7])<<48 | int64(binary.BigEndian.Uint16(u.b[4:]))<<32 | int64(binary.BigEndian.Uint32(u.b[:])))
		}),
		"clock_seq": attribute("clock_seq", func(u *uuidValue) value { return runtime.NewInt(int64(u.b[8]&0x3f)<<8 | int64(u.b[9])) }),
		"__int__":   method("__int__(self, /)", func(_ *thread, self value, _ []value) (value, error) { return self.(*uuidValue).number(0, 16), nil }),
	}
	for _, f := range uuidFields {
		m[f.name] = attribute(f.name, func(u *uuidValue) value { return u.number(f.from, f.to) })
	}
	return runtime.NewNativeClass("uuid", "UUID", m)
}

// uuidFields are the parts of an id, by their bytes.
var uuidFields = []struct {
	name     string
	from, to int
}{
	{"time_low", 0, 4}, {"time_mid", 4, 6}, {"time_hi_version", 6, 8}, {"clock_seq_hi_variant", 8, 9}, {"clock_seq_low", 9, 10}, {"node", 10, 16},
}

const variantRFC4122 = "specified in RFC 4122"

func (u *uuidValue) variant() string {
	switch b := u.b[8]; {
	case b < 0x80:
		return "reserved for NCS compatibility"
	case b < 0xc0:
		return variantRFC4122
	case b < 0xe0:
		return "reserved for Microsoft compatibility"
	}
	return "reserved for future definition"
}

// number is the integer of some bytes.
func (u *uuidValue) number(from, to int) value {
	return runtime.NewBigInt(new(big.Int).SetBytes(u.b[from:to]))
}

// swapped has the first three fields the other way round.
func swapped(b [16]byte) [16]byte {
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return b
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
	return runtime.Hash(th, u.number(0, 16))
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

// timeUUID is version 1; a negative node or sequence stands for a random one.
func timeUUID(node, sequence int64) *uuidValue {
	u := randomUUID()
	t := uint64(time.Now().UnixNano()/100) + gregorian
	binary.BigEndian.PutUint32(u.b[:], uint32(t))
	binary.BigEndian.PutUint16(u.b[4:], uint16(t>>32))
	binary.BigEndian.PutUint16(u.b[6:], uint16(t>>48))
	if sequence >= 0 {
		binary.BigEndian.PutUint16(u.b[8:], uint16(sequence))
	}
	if node >= 0 {
		binary.BigEndian.PutUint16(u.b[10:], uint16(node>>32))
		binary.BigEndian.PutUint32(u.b[12:], uint32(node))
	}
	return versioned(u.b[:], 1)
}

func parseUUID(text string) (*uuidValue, error) {
	s := strings.NewReplacer("urn:", "", "uuid:", "").Replace(text)
	s = strings.ReplaceAll(strings.Trim(s, "{}"), "-", "")
	if utf8.RuneCountInString(s) != 32 {
		return nil, runtime.Errorf(runtime.ValueError, "badly formed hexadecimal UUID string")
	}
	u := &uuidValue{}
	if _, err := hex.Decode(u.b[:], []byte(s)); err != nil {
		return nil, runtime.Errorf(runtime.ValueError, "invalid literal for int() with base 16: %s", runtime.Quote(s))
	}
	return u, nil
}

var uuidSignature = runtime.NewSignature("__init__", "self, hex=None, bytes=None, bytes_le=None, fields=None, int=None, version=None")

func makeUUID(th *thread, _ *runtime.Class, a args) (value, error) {
	vals := make([]value, 7)
	if err := uuidSignature.Bind("UUID.__init__", args{Vals: append([]value{runtime.None}, a.Vals...), Names: a.Names}, vals); err != nil {
		return nil, err
	}
	forms, version := vals[1:6], vals[6]
	given := -1
	for i, v := range forms {
		if v != runtime.None && given >= 0 {
			given = len(forms)
		} else if v != runtime.None {
			given = i
		}
	}
	u := &uuidValue{}
	var err error
	switch given {
	case 0:
		s, ok := runtime.AsStr(forms[0])
		if !ok {
			return nil, runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute 'replace'", forms[0].Class().Name)
		}
		if err = th.AllocMany(len(s), 3); err == nil {
			u, err = parseUUID(s)
		}
	case 1, 2:
		name := []string{"bytes", "bytes_le"}[given-1]
		b, ok := runtime.Data(forms[given]).(runtime.Bytes)
		if !ok || len(b) != 16 {
			return nil, runtime.Errorf(runtime.ValueError, "%s is not a 16-char string", name)
		}
		copy(u.b[:], b)
		if name == "bytes_le" {
			u.b = swapped(u.b)
		}
	case 3:
		err = u.setFields(th, forms[3])
	case 4:
		n := runtime.AsBig(forms[4])
		if n == nil {
			return nil, runtime.Errorf(runtime.TypeError, "'<=' not supported between instances of 'int' and '%s'", forms[4].Class().Name)
		}
		if n.Sign() < 0 || n.BitLen() > 128 {
			return nil, runtime.Errorf(runtime.ValueError, "int is out of range (need a 128-bit value)")
		}
		n.FillBytes(u.b[:])
	default:
		return nil, runtime.Errorf(runtime.TypeError, "one of the hex, bytes, bytes_le, fields, or int arguments must be given")
	}
	if err != nil || version == runtime.None {
		return u, err
	}
	n, ok := runtime.AsInt(version)
	if !ok || n < 1 || n > 5 {
		return nil, runtime.Errorf(runtime.ValueError, "illegal version number")
	}
	return versioned(u.b[:], byte(n)), nil
}

// setFields fills an id from its six numbers.
func (u *uuidValue) setFields(th *thread, from value) error {
	fields, err := runtime.Collect(th, from)
	if err != nil {
		return err
	}
	if len(fields) != len(uuidFields) {
		return runtime.Errorf(runtime.ValueError, "fields is not a 6-tuple")
	}
	for i, f := range uuidFields {
		n, bits := runtime.AsBig(fields[i]), 8*(f.to-f.from)
		if n == nil {
			return runtime.Errorf(runtime.TypeError, "'<=' not supported between instances of 'int' and '%s'", fields[i].Class().Name)
		}
		if n.Sign() < 0 || n.BitLen() > bits {
			article := "a"
			if bits == 8 {
				article = "an"
			}
			return runtime.Errorf(runtime.ValueError, "field %d out of range (need %s %d-bit value)", i+1, article, bits)
		}
		n.FillBytes(u.b[f.from:f.to])
	}
	return nil
}

// newUUID makes the uuid module. The node is not that of the machine but a random one
// for each program, marked as such by its multicast bit.
func newUUID(Host) *runtime.Module {
	r := randomUUID()
	node := int64(binary.BigEndian.Uint64(r.b[:])>>16) | 1<<40
	named := func(name string, version byte, sum func(b []byte) []byte) *runtime.Native {
		return define(name+"(namespace, name)", func(th *thread, a args) (value, error) {
			ns, ok := a.Vals[0].(*uuidValue)
			if !ok {
				return nil, runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute 'bytes'", a.Vals[0].Class().Name)
			}
			text, ok := runtime.AsStr(a.Vals[1])
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "encoding without a string argument")
			}
			if err := th.Alloc(len(text)); err != nil {
				return nil, err
			}
			return versioned(sum(append(ns.b[:], text...))[:16], version), nil
		})
	}
	m := members(
		define("uuid4()", func(th *thread, _ args) (value, error) {
			if err := th.Work(8 << 10); err != nil { // of the system's randomness
				return nil, err
			}
			return randomUUID(), th.Alloc(64)
		}),
		define("uuid1(node=None, clock_seq=None)", func(_ *thread, a args) (value, error) {
			own := [2]int64{node, -1}
			for i := range own {
				if a.Vals[i] == runtime.None {
					continue
				}
				n, err := runtime.Index(a.Vals[i])
				if err != nil {
					return nil, err
				}
				if i == 0 && (n < 0 || n >= 1<<48) {
					return nil, runtime.Errorf(runtime.ValueError, "field 6 out of range (need a 48-bit value)")
				}
				own[i] = n & (1<<48 - 1)
			}
			return timeUUID(own[0], own[1]), nil
		}),
		define("getnode()", func(*thread, args) (value, error) { return runtime.NewInt(node), nil }),
		named("uuid3", 3, func(b []byte) []byte { s := md5.Sum(b); return s[:] }),  //nolint:gosec // the definition of uuid3
		named("uuid5", 5, func(b []byte) []byte { s := sha1.Sum(b); return s[:] }), //nolint:gosec // the definition of uuid5
	)
	m["UUID"] = runtime.Constructor(uuidClass, makeUUID)
	for name, last := range map[string]byte{"NAMESPACE_DNS": 0, "NAMESPACE_URL": 1, "NAMESPACE_OID": 2, "NAMESPACE_X500": 4} {
		ns, _ := parseUUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8") // a constant of the right form
		ns.b[3] += last
		m[name] = ns
	}
	for name, text := range map[string]string{
		"RESERVED_NCS": "reserved for NCS compatibility", "RFC_4122": variantRFC4122,
		"RESERVED_MICROSOFT": "reserved for Microsoft compatibility", "RESERVED_FUTURE": "reserved for future definition",
	} {
		m[name] = runtime.Str(text)
	}
	return runtime.NewModule("uuid", m)
}
