package scenario

import (
	"crypto/rand"
	"encoding/hex"
	"path"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// multipart makes a body of the fields of data and of files, as a browser's form does.
func (b *requestBuilder) multipart(data, files runtime.Value) {
	m := &multipart{b: b, boundary: b.boundary()}
	if given(data) {
		b.pairs("data", data, m.field)
	}
	b.pairs("files", files, m.file)
	m.write("--" + m.boundary + "--\r\n")
	b.req.Body = m.body
	b.contentType("multipart/form-data; boundary=" + m.boundary)
}

// boundary is that of the script's own Content-Type, or else a random one, whose length is
// always the same.
func (b *requestBuilder) boundary() string {
	for _, f := range b.req.Header {
		if !equalFold(f.Name, "Content-Type") {
			continue
		}
		for part := range strings.SplitSeq(f.Value, ";") {
			if value, ok := strings.CutPrefix(strings.TrimSpace(part), "boundary="); ok {
				return strings.Trim(value, `"`)
			}
		}
	}
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// A multipart is such a body while it is written.
type multipart struct {
	b        *requestBuilder
	boundary string
	body     []byte
}

func (m *multipart) write(text string) {
	if m.b.err == nil {
		m.b.err = m.b.th.Alloc(len(text))
	}
	if m.b.err == nil {
		m.body = append(m.body, text...)
	}
}

// part writes one part: the disposition is how its header begins.
func (m *multipart) part(header, content string) error {
	m.write("--" + m.boundary + "\r\nContent-Disposition: form-data; " + header + "\r\n\r\n")
	m.write(content)
	m.write("\r\n")
	return m.b.err
}

// field writes a value of data, or each of a list.
func (m *multipart) field(key, value runtime.Value) error {
	name, ok := runtime.AsStr(key)
	if !ok {
		return m.invalid("name. Expected str", key)
	}
	one := func(v runtime.Value) error {
		switch text := runtime.Data(v).(type) {
		case runtime.Bytes:
			return m.part(formParam("name", name), string(text))
		case runtime.Str, runtime.Int, runtime.Float, runtime.Bool, runtime.NoneType, *runtime.BigInt:
			content, err := m.b.formText(v)
			if err != nil {
				return err
			}
			return m.part(formParam("name", name), content)
		}
		return m.invalid("value. Expected primitive type", v)
	}
	switch value.(type) {
	case *runtime.List, *runtime.Tuple:
		return runtime.Iterate(m.b.th, value, one)
	}
	return one(value)
}

func (m *multipart) invalid(what string, v runtime.Value) error {
	class, err := runtime.Repr(m.b.th, v.Class())
	if err != nil {
		return err
	}
	value, err := runtime.Repr(m.b.th, v)
	if err != nil {
		return err
	}
	return runtime.Errorf(runtime.TypeError, "Invalid type for %s, got %s: %s", what, class, value)
}

// file writes a file: its content, or a tuple of its name, its content, and perhaps its
// media type and more headers.
func (m *multipart) file(key, value runtime.Value) error {
	name, ok := runtime.AsStr(key)
	if !ok {
		return m.invalid("name. Expected str", key)
	}
	parts := []runtime.Value{nil, value, runtime.None, runtime.None}
	if t, ok := value.(*runtime.Tuple); ok {
		if len(t.Items) < 2 || len(t.Items) > len(parts) {
			return runtime.Errorf(runtime.ValueError, "a file is (name, content), (name, content, type) or (name, content, type, headers)")
		}
		copy(parts, t.Items)
	}
	filename, err := m.filename(parts[0], value)
	if err != nil {
		return err
	}
	content, ok, err := m.b.plain(parts[1])
	if err != nil {
		return err
	}
	if !ok {
		return m.b.unexpected(parts[1])
	}
	header := formParam("name", name)
	if filename != "" {
		header += "; " + formParam("filename", filename)
	}
	more, err := m.headers(filename, parts[2], parts[3])
	if err != nil {
		return err
	}
	return m.part(header+more, string(content))
}

// filename is the one given, that of an open file, or "upload".
func (m *multipart) filename(given, file runtime.Value) (string, error) {
	if given == runtime.None {
		return "", nil
	}
	if given != nil {
		return runtime.ToStr(m.b.th, given)
	}
	own, err := runtime.Find(m.b.th, file, "name")
	if err != nil || own == nil {
		return "upload", err
	}
	s, err := runtime.ToStr(m.b.th, own)
	return path.Base(s), err
}

// headers are those of a file after the first line: the script's own, and its media type.
func (m *multipart) headers(filename string, mediaType, own runtime.Value) (string, error) {
	var fields []Field
	if given(own) {
		if fields = m.b.fields(own, nil); m.b.err != nil {
			return "", m.b.err
		}
	}
	text, ok := runtime.AsStr(mediaType)
	if !ok && filename != "" {
		text = guessType(filename)
	}
	if text != "" && !has(fields, "Content-Type") {
		f, err := newField(m.b.th, runtime.Str("Content-Type"), runtime.Str(text))
		if err != nil {
			return "", err
		}
		fields = append(fields, f)
	}
	var out strings.Builder
	for _, f := range fields {
		out.WriteString("\r\n" + f.Name + ": " + f.Value)
	}
	return out.String(), nil
}

// formParam writes a parameter of Content-Disposition as HTML says.
func formParam(name, value string) string {
	const hexDigits = "0123456789ABCDEF"
	var out strings.Builder
	out.WriteString(name + `="`)
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"':
			out.WriteString("%22")
		case c == '\\':
			out.WriteString(`\\`)
		case c < ' ' && c != 0x1b:
			out.WriteString("%" + string(hexDigits[c>>4]) + string(hexDigits[c&15]))
		default:
			out.WriteByte(c)
		}
	}
	return out.String() + `"`
}

// guessType is the media type that the name of a file suggests.
func guessType(filename string) string {
	if t := mediaTypes[strings.ToLower(path.Ext(filename))]; t != "" {
		return t
	}
	return "application/octet-stream"
}

// mediaTypes are those of Python's mimetypes that uploads are made of. The machine's own list is not asked: every
// generator must send the same.
var mediaTypes = map[string]string{
	".txt": "text/plain", ".csv": "text/csv", ".tsv": "text/tab-separated-values", ".html": "text/html", ".htm": "text/html",
	".css": "text/css", ".xml": "text/xml", ".vcf": "text/x-vcard", ".py": "text/x-python",
	".json": "application/json", ".js": "application/javascript", ".pdf": "application/pdf", ".zip": "application/zip",
	".tar": "application/x-tar", ".doc": "application/msword", ".xls": "application/vnd.ms-excel",
	".ppt": "application/vnd.ms-powerpoint", ".ps": "application/postscript", ".wasm": "application/wasm",
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".bmp": "image/bmp",
	".svg": "image/svg+xml", ".ico": "image/vnd.microsoft.icon", ".tif": "image/tiff", ".tiff": "image/tiff",
	".mp3": "audio/mpeg", ".wav": "audio/x-wav", ".aac": "audio/aac", ".mp4": "video/mp4", ".mov": "video/quicktime",
	".avi": "video/x-msvideo", ".mpeg": "video/mpeg", ".webm": "video/webm",
}
