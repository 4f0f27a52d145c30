package scenario

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// unpacked is the body of a response without its Content-Encoding, gzip or deflate; other
// encodings stay, as in httpx without its extras. What it grows to is charged.
func unpacked(th *runtime.Thread, answer *Response) ([]byte, error) {
	body := answer.Body
	for coding := range reversed(answer.Encoding) {
		var r io.Reader
		var err error
		switch strings.ToLower(coding) {
		case "gzip", "x-gzip":
			r, err = gzip.NewReader(bytes.NewReader(body))
		case "deflate":
			if r, err = zlib.NewReader(bytes.NewReader(body)); err != nil { // some servers leave the frame out
				r, err = flate.NewReader(bytes.NewReader(body)), nil
			}
		default:
			continue
		}
		if len(body) == 0 {
			continue
		}
		if err == nil {
			body, err = readCharged(th, r)
		}
		if err != nil {
			if _, ok := err.(*runtime.Exception); ok { //nolint:errorlint // of the budget
				return nil, err
			}
			return nil, runtime.Errorf(decodingError, "%v", err)
		}
	}
	return body, nil
}

// reversed yields the items of a list separated by commas, the last first.
func reversed(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for list != "" {
			i := strings.LastIndexByte(list, ',')
			if !yield(strings.TrimSpace(list[i+1:])) || i < 0 {
				return
			}
			list = list[:i]
		}
	}
}

// readCharged reads all there is, within the byte budget.
func readCharged(th *runtime.Thread, r io.Reader) ([]byte, error) {
	th.StepAside()
	var out bytes.Buffer
	for {
		const step = 64 << 10
		if err := th.Step(); err != nil {
			return nil, err
		}
		if err := th.Alloc(step); err != nil {
			return nil, err
		}
		n, err := io.CopyN(&out, r, step)
		switch {
		case err == io.EOF: //nolint:errorlint // CopyN gives it as it is
			return out.Bytes(), nil
		case err != nil:
			return nil, err
		case n == 0:
			return out.Bytes(), nil
		}
	}
}

// body is the unpacked body. The caller holds the lock.
func (r *response) body(th *runtime.Thread) ([]byte, error) {
	if err := r.usable(th); err != nil {
		return nil, err
	}
	if r.answer.Encoding != "" {
		body, err := unpacked(th, &r.answer)
		if err != nil {
			return nil, err
		}
		r.answer.Body, r.answer.Encoding = body, ""
	}
	return r.answer.Body, nil
}

// withBody calls use with the body while nobody takes it away.
func (r *response) withBody(th *runtime.Thread, use func(body []byte) (runtime.Value, error)) (runtime.Value, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	body, err := r.body(th)
	if err != nil {
		return nil, err
	}
	return use(body)
}

func (r *response) content(th *runtime.Thread) (runtime.Value, error) {
	return r.withBody(th, func(body []byte) (runtime.Value, error) {
		return runtime.Bytes(body), th.Alloc(len(body))
	})
}

func (r *response) json(th *runtime.Thread) (runtime.Value, error) {
	return r.withBody(th, func(body []byte) (runtime.Value, error) {
		return runtime.ParseJSON(th, bytes.TrimPrefix(body, []byte("\ufeff")))
	})
}

func (r *response) text(th *runtime.Thread) (runtime.Value, error) {
	charset, err := r.charset(th)
	if err != nil {
		return nil, err
	}
	return r.withBody(th, func(body []byte) (runtime.Value, error) { return decode(th, body, charset) })
}

// charset is the name of the encoding of the text; "" for UTF-8.
func (r *response) charset(th *runtime.Thread) (string, error) {
	r.mu.Lock()
	chosen, fields, all := r.encoding, r.fields, r.answer.Header
	if chosen != "" || fields == nil && all == nil {
		defer r.mu.Unlock()
		return chosen, nil
	}
	if fields == nil && !r.expired {
		defer r.mu.Unlock()
		return charsetOf(&r.answer), nil
	}
	r.mu.Unlock()
	if fields == nil {
		return "", r.usable(th)
	}
	value, _ := fields.get("Content-Type")
	return charsetIn(value), nil
}

// charsetOf is the charset that the header of an answer names.
func charsetOf(answer *Response) string {
	value, _ := headerOf(answer, "Content-Type")
	return charsetIn(value)
}

// charsetIn is the charset of a media type, in lower case; "" if it names none.
func charsetIn(mediaType string) string {
	if !strings.Contains(mediaType, ";") {
		return ""
	}
	_, params, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return ""
	}
	return strings.ToLower(params["charset"])
}

// decode reads a body as text; what does not belong there is replaced, as httpx does.
func decode(th *runtime.Thread, body []byte, charset string) (runtime.Value, error) {
	switch codec := codecOf(charset); {
	case codec != nil:
		if err := th.AllocMany(len(body), utf8.UTFMax-1); err != nil {
			return nil, err
		}
		text, err := codec.NewDecoder().Bytes(body)
		if err != nil {
			return nil, runtime.Errorf(decodingError, "%v", err)
		}
		return runtime.Str(text), nil
	case isLatin1(charset):
		if err := th.AllocMany(len(body), 2); err != nil {
			return nil, err
		}
		runes := make([]byte, 0, len(body))
		for _, c := range body {
			runes = utf8.AppendRune(runes, rune(c))
		}
		return runtime.Str(runes), nil
	}
	if err := th.Alloc(len(body)); err != nil {
		return nil, err
	}
	ascii := strings.Contains(charset, "ascii")
	if utf8.Valid(body) && !ascii {
		return runtime.Str(body), nil
	}
	name := runtime.Str("utf-8")
	if ascii {
		name = "ascii"
	}
	return runtime.CallAttr(th, runtime.Bytes(body), "decode", name, runtime.Str("replace"))
}

// codecOf is the encoding behind a name; nil for UTF-8, ASCII, Latin-1 and what is not known.
func codecOf(charset string) encoding.Encoding {
	if charset == "" || isLatin1(charset) {
		return nil
	}
	codec, err := htmlindex.Get(charset)
	if err != nil {
		return nil
	}
	if name, err := htmlindex.Name(codec); err != nil || name == "utf-8" || strings.Contains(charset, "ascii") {
		return nil
	}
	return codec
}

// isLatin1 reports whether a charset maps each byte to the character of its number. The
// web takes such names for windows-1252; Python does not.
func isLatin1(charset string) bool {
	switch charset {
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin-1", "latin1", "l1":
		return true
	}
	return false
}

// parseBody is a body as checks get it: parsed as JSON, or else as text; None if empty.
func parseBody(th *runtime.Thread, answer *Response) runtime.Value {
	body := answer.Body
	if answer.Encoding != "" {
		if plain, err := unpacked(th, answer); err == nil {
			body = plain
		}
	}
	if len(body) == 0 {
		return runtime.None
	}
	if v, err := runtime.ParseJSON(th, body); err == nil {
		return v
	}
	if text, err := decode(th, body, charsetOf(answer)); err == nil {
		return text
	}
	return runtime.Str(bytes.ToValidUTF8(body, []byte("\ufffd")))
}

func (r *response) charsetEncoding(th *runtime.Thread) (runtime.Value, error) {
	h, err := r.header(th)
	if err != nil {
		return nil, err
	}
	value, _ := h.get("Content-Type")
	if name := charsetIn(value); name != "" {
		return runtime.Str(name), nil
	}
	return runtime.None, nil
}

// encodingName is what text is read by.
func (r *response) encodingName(th *runtime.Thread) (runtime.Value, error) {
	name, err := r.charset(th)
	if err != nil {
		return nil, err
	}
	if name == "" || codecOf(name) == nil && !isLatin1(name) && !strings.Contains(name, "ascii") {
		name = "utf-8"
	}
	return runtime.Str(name), nil
}

func setEncoding(_ *runtime.Thread, self, v runtime.Value) error {
	r := self.(*response) //nolint:forcetypeassert // the engine checks self
	name, ok := runtime.AsStr(v)
	if !ok {
		return runtime.Errorf(runtime.TypeError, "encoding must be a str, not %s", v.Class().Name)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.encoding = strings.ToLower(name)
	return nil
}

func (r *response) lines(th *runtime.Thread) (runtime.Value, error) {
	text, err := r.text(th)
	if err != nil {
		return nil, err
	}
	list, err := runtime.CallAttr(th, text, "splitlines")
	if err != nil {
		return nil, err
	}
	return runtime.Iter(th, list)
}

func iterBytes(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	body, err := a.Vals[0].(*response).content(th) //nolint:forcetypeassert // the engine checks self
	if err != nil {
		return nil, err
	}
	return chunks(th, body, a.Vals[1])
}

func iterText(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	text, err := a.Vals[0].(*response).text(th) //nolint:forcetypeassert // the engine checks self
	if err != nil {
		return nil, err
	}
	return chunks(th, text, a.Vals[1])
}

// chunks goes through a text or bytes in pieces; in one if size is None.
func chunks(th *runtime.Thread, whole, size runtime.Value) (runtime.Value, error) {
	total, err := runtime.Len(th, whole)
	if err != nil {
		return nil, err
	}
	step := max(1, total)
	if given(size) {
		n, ok := runtime.AsInt(size)
		if !ok || n < 1 {
			return nil, runtime.Errorf(runtime.ValueError, "chunk_size must be an int above 0")
		}
		step = int(min(n, int64(step)))
	}
	out := runtime.NewList()
	for from := 0; from < total; from += step {
		if err := th.Alloc(16); err != nil {
			return nil, err
		}
		piece, err := runtime.GetItem(th, whole, &runtime.Slice{
			Lo: runtime.NewInt(int64(from)), Hi: runtime.NewInt(int64(min(total, from+step))), Step: runtime.None,
		})
		if err != nil {
			return nil, err
		}
		out.Append(piece)
	}
	return runtime.Iter(th, out)
}
