package httpdriver

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/http/httputil"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

// readCounted reads a response of whose body the beginning is kept and the rest is only counted, so that it may have any length.
func (x *Exchange) readCounted(c *conn, r *bufio.Reader, headOnly bool) (reusable bool, failed *Error) {
	x.parsed.SkipBody = true // it is read here
	err := x.parsed.ReadLimitBody(r, hugeBody)
	if isSmallBuffer(err) {
		r = bufio.NewReaderSize(r, hugeHeader)
		err = x.parsed.ReadLimitBody(r, hugeBody)
	}
	status := x.parsed.StatusCode()
	if err == nil && x.shuns(status, string(x.parsed.Header.ContentType()), int64(x.parsed.Header.ContentLength())) {
		return false, &Error{Class: load.ErrorCancelled, err: ErrShunned}
	}
	if err == nil && !headOnly && status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified {
		err = x.countBody(r)
	}
	if err != nil {
		return false, receiveError(c, err)
	}
	return r.Buffered() == 0 && !x.parsed.ConnectionClose() && status != http.StatusSwitchingProtocols, nil
}

// ErrShunned is the end of an exchange whose body was not asked for.
var ErrShunned = errors.New("the body is not read")

// shuns reports whether the body of a successful answer shall not be read. One of a known length, which is below 0 otherwise, is.
func (x *Exchange) shuns(status int, contentType string, length int64) bool {
	if x.Shuns == nil || length >= 0 || status < http.StatusOK || status >= http.StatusMultipleChoices {
		return false
	}
	media, _, _ := mime.ParseMediaType(contentType) // what it cannot parse is nothing special
	return x.Shuns(media)
}

// countBody reads the body that the parsed header announces.
func (x *Exchange) countBody(r *bufio.Reader) error {
	length := int64(x.parsed.Header.ContentLength())
	chunked := length == -1
	body := io.Reader(r) // until the connection ends
	switch {
	case chunked:
		body = httputil.NewChunkedReader(r)
	case length >= 0:
		body = io.LimitReader(r, length)
	}
	n, err := x.keep(body)
	if err == nil && chunked {
		err = x.parsed.Header.ReadTrailer(r)
	}
	if errors.Is(err, io.EOF) || err == nil && n < length {
		err = io.ErrUnexpectedEOF
	}
	x.parsed.SetBodyRaw(x.raw)
	x.BytesIn = n
	return err
}

// keep reads a body to its end. It puts the first KeepBody bytes into raw, which then is of no plain response any more, and returns
// how many there were in all.
func (x *Exchange) keep(body io.Reader) (n int64, err error) {
	x.raw, x.plain = slices.Grow(x.raw[:0], x.KeepBody), plain{}
	for err == nil && len(x.raw) < x.KeepBody {
		var more int
		more, err = body.Read(x.raw[len(x.raw):x.KeepBody])
		x.raw = x.raw[:len(x.raw)+more]
	}
	if err == nil {
		n, err = io.Copy(io.Discard, body)
	}
	if err == io.EOF { //nolint:errorlint // readers return it as it is, and io.ErrUnexpectedEOF is another
		err = nil
	}
	return n + int64(len(x.raw)), err
}
