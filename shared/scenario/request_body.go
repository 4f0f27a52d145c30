package scenario

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// jsonFormat is how bodies are written: as httpx does, and as small as it goes.
var jsonFormat = runtime.JSONFormat{ItemSeparator: ",", KeySeparator: ":"}

// body sets the body. When a script gives several, the first that is not empty counts, as
// in httpx: content, files with data, data, json.
func (b *requestBuilder) body(json, data, content, files runtime.Value) {
	if b.err != nil {
		return
	}
	if given(data) && !isMapping(b.th, data) {
		content = data // httpx takes a text or bytes there, too
	}
	switch {
	case given(content):
		b.req.Body, b.err = b.content(content)
	case b.filled(files):
		b.multipart(data, files)
	case b.filled(data):
		b.req.Body = []byte(b.form(data))
		b.contentType("application/x-www-form-urlencoded")
	case given(json):
		text, err := runtime.WriteJSON(b.th, json, jsonFormat)
		b.req.Body, b.err = []byte(text), err
		b.contentType("application/json")
	}
}

// filled reports whether a value was given and is not empty.
func (b *requestBuilder) filled(v runtime.Value) bool {
	if b.skip(v) {
		return false
	}
	truth, err := runtime.Truth(b.th, v)
	b.err = err
	return truth
}

// content reads bytes from what a script may give as such: str, bytes, an open file, or
// parts of them one after the other.
func (b *requestBuilder) content(v runtime.Value) ([]byte, error) {
	if body, ok, err := b.plain(v); ok || err != nil {
		return body, err
	}
	switch runtime.Data(v).(type) {
	case *runtime.Dict, runtime.Int, runtime.Float, runtime.Bool:
		return nil, b.unexpected(v)
	}
	var body []byte
	err := runtime.Iterate(b.th, v, func(part runtime.Value) error {
		bytes, ok, err := b.plain(part)
		if err == nil && !ok {
			err = b.unexpected(part)
		}
		body = append(body, bytes...)
		return err
	})
	return body, err
}

func (b *requestBuilder) unexpected(v runtime.Value) error {
	name, err := runtime.Repr(b.th, v.Class())
	if err != nil {
		return err
	}
	return runtime.Errorf(runtime.TypeError, "Unexpected type for 'content', %s", name)
}

// plain is the bytes of a str, of bytes, or of an open file.
func (b *requestBuilder) plain(v runtime.Value) (body []byte, ok bool, err error) {
	switch text := runtime.Data(v).(type) {
	case runtime.Str:
		return []byte(text), true, b.th.Alloc(len(text))
	case runtime.Bytes:
		return []byte(text), true, b.th.Alloc(len(text))
	}
	read, err := runtime.Find(b.th, v, "read")
	if read == nil || err != nil {
		return nil, false, err
	}
	text, err := runtime.Call(b.th, read)
	if err != nil {
		return nil, false, err
	}
	switch text := runtime.Data(text).(type) {
	case runtime.Str:
		return []byte(text), true, b.th.Alloc(len(text))
	case runtime.Bytes:
		return []byte(text), true, b.th.Alloc(len(text))
	}
	return nil, false, b.unexpected(text)
}
