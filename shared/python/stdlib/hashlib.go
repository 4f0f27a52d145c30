package stdlib

import (
	"crypto/md5"  //nolint:gosec // what the service under test asks for
	"crypto/sha1" //nolint:gosec // what the service under test asks for
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// hashMaker makes the state of one algorithm.
type hashMaker func() hash.Cloner

// own makes a maker of a constructor of the standard library, all of whose hashes
// can be cloned.
func own[H hash.Hash](construct func() H) hashMaker {
	return func() hash.Cloner {
		c, _ := any(construct()).(hash.Cloner)
		return c
	}
}

// hashMakers are the algorithms with a digest of fixed size, by name.
var hashMakers = map[string]hashMaker{
	"md5": own(md5.New), "sha1": own(sha1.New), "sha224": own(sha256.New224), "sha256": own(sha256.New),
	"sha384": own(sha512.New384), "sha512": own(sha512.New), "sha512_224": own(sha512.New512_224), "sha512_256": own(sha512.New512_256),
	"sha3_224": own(sha3.New224), "sha3_256": own(sha3.New256), "sha3_384": own(sha3.New384), "sha3_512": own(sha3.New512),
	"blake2b": func() hash.Cloner { return newBlake(blake2b, 64) },
	"blake2s": func() hash.Cloner { return newBlake(blake2s, 32) },
}

// guaranteed are the algorithms that are functions of the module, too.
var guaranteed = []string{
	"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512",
	"blake2b", "blake2s", "shake_128", "shake_256",
}

// hashValue is a hash object, also an HMAC; shake is set instead of h for the two
// algorithms whose digest has any length.
type hashValue struct {
	runtime.Guard
	class *runtime.Class
	name  string
	h     hash.Cloner
	shake *sha3.SHAKE
}

// Class implements runtime.Value.
func (x *hashValue) Class() *runtime.Class { return x.class }

// PublishTo implements runtime.Container.
func (x *hashValue) PublishTo(queue []value) []value {
	x.Share()
	return queue
}

// Repr names the algorithm.
func (x *hashValue) Repr(*thread) (string, error) {
	return "<" + strings.TrimPrefix(x.name, "hmac-") + " " + x.class.Module + "." + x.class.BareName() + " object @ 0x" +
		strings.ToLower(hexOf(runtime.ID(x))) + ">", nil
}

func hexOf(n int64) string {
	var b []byte
	for shift := 44; shift >= 0; shift -= 4 {
		b = append(b, hexDigits[n>>shift&15])
	}
	return string(b)
}

var (
	hashClass = runtime.NewNativeClass("_hashlib", "HASH", hashMembers(false))
	xofClass  = runtime.NewNativeClass("_hashlib", "HASHXOF", hashMembers(true))
	hmacClass = runtime.NewNativeClass("hmac", "HMAC", hashMembers(false))
)

func hashMembers(xof bool) runtime.Members {
	get := func(name string, f func(x *hashValue) value) *runtime.Getter {
		return &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) { return f(self.(*hashValue)), nil }}
	}
	parameters := "(self)"
	if xof {
		parameters = "(self, length)"
	}
	m := members(
		define("update(self, obj, /)", func(th *thread, a args) (value, error) {
			return runtime.None, a.Vals[0].(*hashValue).update(th, a.Vals[1])
		}),
		define("digest"+parameters, func(th *thread, a args) (value, error) {
			sum, err := a.Vals[0].(*hashValue).sum(th, a)
			return runtime.Bytes(sum), err
		}),
		define("hexdigest"+parameters, func(th *thread, a args) (value, error) {
			sum, err := a.Vals[0].(*hashValue).sum(th, a)
			return runtime.Str(hex.EncodeToString(sum)), err
		}),
		define("copy(self)", func(_ *thread, a args) (value, error) { return a.Vals[0].(*hashValue).copy() }),
	)
	m["name"] = get("name", func(x *hashValue) value { return runtime.Str(x.name) })
	m["digest_size"] = get("digest_size", func(x *hashValue) value {
		if x.shake != nil {
			return runtime.NewInt(0)
		}
		return runtime.NewInt(int64(x.h.Size()))
	})
	m["block_size"] = get("block_size", func(x *hashValue) value {
		if x.shake != nil {
			return runtime.NewInt(int64(x.shake.BlockSize()))
		}
		return runtime.NewInt(int64(x.h.BlockSize()))
	})
	return m
}

// hashPart is how many bytes are hashed between two looks at the cancel signal.
const hashPart = 256 << 10

// hashInput reads what may be hashed.
func hashInput(v value) (string, error) {
	if _, ok := runtime.AsStr(v); ok {
		return "", runtime.Errorf(runtime.TypeError, "Strings must be encoded before hashing")
	}
	b, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "object supporting the buffer API required")
	}
	return b, nil
}

// hashWork makes a step of eight bytes.
const hashWork = 7

func (x *hashValue) update(th *thread, v value) error {
	b, err := hashInput(v)
	if err != nil {
		return err
	}
	if err := th.Alloc(min(len(b), hashPart)); err != nil {
		return err
	}
	x.Lock()
	defer x.Unlock()
	var to io.Writer = x.h
	if x.shake != nil {
		to = x.shake
	}
	part := make([]byte, min(len(b), hashPart)) // what the hash reads
	for len(b) > 0 {
		n := copy(part, b)
		if err := th.Work(n << hashWork); err != nil {
			return err
		}
		if _, err := to.Write(part[:n]); err != nil { // a hash never fails
			return err
		}
		b = b[n:]
	}
	return nil
}

func (x *hashValue) sum(th *thread, a args) ([]byte, error) {
	x.Lock()
	defer x.Unlock()
	if x.shake == nil {
		return x.h.Sum(nil), th.Alloc(2 * x.h.Size())
	}
	n, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= 1<<29 {
		return nil, runtime.Errorf(runtime.ValueError, "length is too large")
	}
	if err := th.AllocMany(int(n), 3); err != nil {
		return nil, err
	}
	c, err := cloneShake(x.shake)
	if err != nil {
		return nil, err
	}
	out := make([]byte, n)
	_, err = c.Read(out)
	return out, err
}

func cloneShake(s *sha3.SHAKE) (*sha3.SHAKE, error) {
	state, err := s.MarshalBinary()
	if err != nil {
		return nil, err
	}
	c := sha3.NewSHAKE128()
	if s.BlockSize() != c.BlockSize() {
		c = sha3.NewSHAKE256()
	}
	return c, c.UnmarshalBinary(state)
}

func (x *hashValue) copy() (value, error) {
	x.Lock()
	defer x.Unlock()
	c := &hashValue{class: x.class, name: x.name}
	var err error
	if x.shake != nil {
		c.shake, err = cloneShake(x.shake)
	} else {
		c.h, err = x.h.Clone()
	}
	return c, err
}

// newHash makes a hash object with its first data; nil data is none.
func newHash(th *thread, name string, data value) (value, error) {
	x := &hashValue{class: hashClass, name: name}
	switch name {
	case "shake_128":
		x.class, x.shake = xofClass, sha3.NewSHAKE128()
	case "shake_256":
		x.class, x.shake = xofClass, sha3.NewSHAKE256()
	default:
		construct := hashMakers[name]
		if construct == nil {
			return nil, runtime.Errorf(runtime.ValueError, "unsupported hash type %s", name)
		}
		x.h = construct()
	}
	if data == nil {
		return x, th.Alloc(256)
	}
	return x, x.update(th, data)
}

// algorithm is the name as hash objects show it; OpenSSL takes some others.
func algorithm(v value) (string, error) {
	s, ok := runtime.AsStr(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "new() argument 'name' must be str, not %s", v.Class().Name)
	}
	name := strings.ToLower(s)
	switch {
	case strings.HasPrefix(name, "sha-"):
		name = "sha" + name[4:]
	case strings.HasPrefix(name, "sha3-"):
		name = "sha3_" + name[5:]
	}
	if hashMakers[name] == nil && !slices.Contains(guaranteed, name) {
		return "", runtime.Errorf(runtime.ValueError, "unsupported hash type %s", s)
	}
	return name, nil
}

func newHashlib(Host) *runtime.Module {
	m := members(
		define("new(name, data=, *, usedforsecurity=True)", func(th *thread, a args) (value, error) {
			name, err := algorithm(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return newHash(th, name, a.Vals[1])
		}),
		define("pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None)", pbkdf2),
	)
	names := runtime.NewSet(false)
	available := runtime.NewSet(false)
	th := runtime.NewThread(runtime.Limits{})
	for _, name := range guaranteed {
		_ = names.Add(th, runtime.Str(name)) // a few short names fit any budget
		_ = available.Add(th, runtime.Str(name))
		if strings.HasPrefix(name, "blake2") {
			m[name] = blakeFunction(name)
			continue
		}
		m[name] = define(name+"(string=, *, usedforsecurity=True)", func(th *thread, a args) (value, error) {
			return newHash(th, name, a.Vals[0])
		})
	}
	_ = available.Add(th, runtime.Str("sha512_224"))
	_ = available.Add(th, runtime.Str("sha512_256"))
	m["algorithms_guaranteed"], m["algorithms_available"] = names, available
	return runtime.NewModule("hashlib", m)
}

// pbkdf2Round is the work of a round: 24 steps.
const pbkdf2Round = 24 << 10

// pbkdf2 pays for each round, so that it hears a cancel.
func pbkdf2(th *thread, a args) (value, error) {
	name, err := algorithm(a.Vals[0])
	if err != nil {
		return nil, err
	}
	password, err := wantBytes(a.Vals[1])
	if err != nil {
		return nil, err
	}
	salt, err := wantBytes(a.Vals[2])
	if err != nil {
		return nil, err
	}
	rounds, err := runtime.Index(a.Vals[3])
	if err != nil {
		return nil, err
	}
	construct := hashMakers[name]
	if construct == nil {
		return nil, runtime.Errorf(runtime.ValueError, "unsupported hash type %s", name)
	}
	length := int64(construct().Size())
	if a.Vals[4] != runtime.None {
		if length, err = runtime.Index(a.Vals[4]); err != nil {
			return nil, err
		}
	}
	switch {
	case rounds < 1:
		return nil, runtime.Errorf(runtime.ValueError, "iteration value must be greater than 0.")
	case rounds > math.MaxInt32:
		return nil, runtime.Errorf(runtime.OverflowError, "iteration value is too great.")
	case length < 1:
		return nil, runtime.Errorf(runtime.ValueError, "key length must be greater than 0.")
	case length > math.MaxInt32:
		return nil, runtime.Errorf(runtime.OverflowError, "key length is too great.")
	}
	if err := th.AllocMany(int(length), 2); err != nil {
		return nil, err
	}
	mac := newMAC(construct, password)
	out := make([]byte, 0, int(length)+mac.Size())
	for block := uint32(1); int64(len(out)) < length; block++ {
		mac.Reset()
		writeAll(mac, []byte(salt), []byte{byte(block >> 24), byte(block >> 16), byte(block >> 8), byte(block)})
		u := mac.Sum(nil)
		t := slices.Clone(u)
		for range rounds - 1 {
			if err := th.Work(pbkdf2Round); err != nil {
				return nil, err
			}
			mac.Reset()
			writeAll(mac, u)
			u = mac.Sum(u[:0])
			for i := range t {
				t[i] ^= u[i]
			}
		}
		out = append(out, t...)
	}
	return runtime.Bytes(out[:length]), nil
}

// writeAll writes to a hash, which never fails.
func writeAll(h hash.Hash, parts ...[]byte) {
	for _, p := range parts {
		_, _ = h.Write(p)
	}
}
