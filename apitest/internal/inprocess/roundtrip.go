package inprocess

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// RoundTrip implements http.RoundTripper: the body of the response comes as the handler writes it. Closing it, and the end of the
// request's context, cancel the context of the handler, unless it has taken the connection.
func (t *Target) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(r.Context()))
	asked := r.Clone(ctx)
	asked.RequestURI, asked.RemoteAddr, asked.URL.Scheme, asked.URL.Host = r.URL.RequestURI(), "127.0.0.1:1", "", ""
	asked.Proto, asked.ProtoMajor, asked.ProtoMinor = "HTTP/1.1", 1, 1
	if asked.Host == "" {
		asked.Host = r.URL.Host
	}
	if asked.Body == nil {
		asked.Body = http.NoBody
	}
	s := &streamer{request: r, header: http.Header{}, answered: make(chan answer, 1)}
	s.reader, s.writer = io.Pipe()
	s.cancel = func(err error) {
		cancel(err)
		_ = s.writer.CloseWithError(err)
	}
	s.tied = context.AfterFunc(r.Context(), func() { s.cancel(context.Cause(r.Context())) })
	go s.run(t.handler, asked)
	select {
	case a := <-s.answered:
		if a.taken != nil {
			return a.read(r)
		}
		return a.response, a.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answer is what a handler has come to: a response, an error, or a connection over which it will send a response itself.
type answer struct {
	response *http.Response
	taken    net.Conn
	err      error
}

// read reads the response that the handler sends over the connection that it has taken.
func (a answer) read(r *http.Request) (*http.Response, error) {
	stop := context.AfterFunc(r.Context(), func() { _ = a.taken.Close() })
	reader := bufio.NewReader(a.taken)
	response, err := http.ReadResponse(reader, r)
	if err != nil {
		stop()
		return nil, errors.Join(err, a.taken.Close())
	}
	if response.StatusCode == http.StatusSwitchingProtocols {
		stop()
		response.Body = &upgraded{Conn: a.taken, reader: reader}
	}
	return response, nil
}

// upgraded is the body of a response after which both sides speak another protocol.
type upgraded struct {
	net.Conn

	reader io.Reader
}

// Read implements io.Reader.
func (u *upgraded) Read(p []byte) (int, error) { return u.reader.Read(p) }

// streamer is a http.ResponseWriter whose body is read while it is written.
type streamer struct {
	request  *http.Request
	cancel   context.CancelCauseFunc // of the handler's context, and of its writing
	tied     func() bool             // ends that the end of the request's context does that
	header   http.Header
	response *http.Response // nil: no status was said yet
	once     sync.Once
	answered chan answer
	reader   *io.PipeReader
	writer   *io.PipeWriter
	hijacked bool
}

// run calls the handler.
func (s *streamer) run(h http.Handler, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			err := panicked(p)
			s.answer(answer{err: err})
			_ = s.writer.CloseWithError(err)
		} else if !s.hijacked {
			s.Flush()
			_ = s.writer.Close()
		}
		_ = r.Body.Close()
		s.tied()
		s.cancel(context.Canceled)
	}()
	h.ServeHTTP(s, r)
}

func (s *streamer) answer(a answer) { s.once.Do(func() { s.answered <- a }) }

// Header implements http.ResponseWriter.
func (s *streamer) Header() http.Header { return s.header }

// WriteHeader implements http.ResponseWriter.
func (s *streamer) WriteHeader(status int) {
	checkStatus(status)
	if s.response != nil || status < http.StatusOK && status != http.StatusSwitchingProtocols {
		return
	}
	s.response = &http.Response{
		Status: fmt.Sprintf("%03d %s", status, http.StatusText(status)), StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: s.header.Clone(), ContentLength: announced(s.header), Request: s.request, Body: s,
	}
}

// Write implements io.Writer. It returns when what is written was read.
func (s *streamer) Write(p []byte) (int, error) {
	s.Flush()
	switch {
	case !hasBody(s.response.StatusCode):
		return 0, http.ErrBodyNotAllowed
	case s.request.Method == http.MethodHead:
		return len(p), nil
	}
	return s.writer.Write(p)
}

// Flush implements http.Flusher.
func (s *streamer) Flush() {
	s.WriteHeader(http.StatusOK)
	s.answer(answer{response: s.response})
}

// Hijack implements http.Hijacker.
func (s *streamer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if s.hijacked {
		return nil, nil, http.ErrHijacked
	}
	s.hijacked = true
	s.tied()
	ours, theirs := net.Pipe()
	if s.response != nil {
		s.response.Body = ours
		s.answer(answer{response: s.response})
	} else {
		s.answer(answer{taken: ours})
	}
	return theirs, bufio.NewReadWriter(bufio.NewReader(theirs), bufio.NewWriter(theirs)), nil
}

// Read implements io.Reader for the client.
func (s *streamer) Read(p []byte) (int, error) { return s.reader.Read(p) }

// Close implements io.Closer for the client.
func (s *streamer) Close() error {
	s.cancel(context.Canceled)
	return s.reader.Close()
}

// SetReadDeadline is for http.ResponseController.
func (s *streamer) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is for http.ResponseController.
func (s *streamer) SetWriteDeadline(time.Time) error { return nil }

// EnableFullDuplex is for http.ResponseController.
func (s *streamer) EnableFullDuplex() error { return nil }
