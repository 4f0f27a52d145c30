package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

// client speaks to a gateway.
type client struct {
	base  string
	label string // in errors: how the user knows it
	token string // that the gateway asks for; may be empty
	http  *http.Client
}

// How long a gateway may take to accept a connection, to answer a call, streams apart, and to write the next line of a stream,
// if only an empty one.
const (
	dialTimeout   = 3 * time.Second
	callTimeout   = 15 * time.Second
	streamTimeout = 40 * time.Second
)

func newClient(base, label string) *client {
	dialer := &net.Dialer{Timeout: dialTimeout}
	transport := &http.Transport{DialContext: dialer.DialContext, ResponseHeaderTimeout: callTimeout}
	return &client{base: strings.TrimRight(base, "/"), label: label, http: &http.Client{Transport: transport}}
}

// close lets go of the connections.
func (c *client) close() { c.http.CloseIdleConnections() }

// submit asks for a run.
func (c *client) submit(ctx context.Context, req gateway.Request) (gateway.Run, error) {
	var run gateway.Run
	err := c.post(ctx, "/v1/runs", req, &run)
	return run, err
}

// plan asks what the run would be, and returns the JSON.
func (c *client) plan(ctx context.Context, req gateway.Request) (json.RawMessage, error) {
	var plan json.RawMessage
	err := c.post(ctx, "/v1/runs?dry_run=true", req, &plan)
	return plan, err
}

func (c *client) generators(ctx context.Context) ([]gateway.Generator, error) {
	var answer struct {
		Generators []gateway.Generator `json:"generators"`
	}
	err := c.call(ctx, http.MethodGet, "/v1/generators", nil, &answer)
	return answer.Generators, err
}

// slowestUpload is how fast data files go at least to a gateway, in bytes per second.
const slowestUpload = 1 << 20

// post submits a request, as JSON, or as a form if it has data files.
func (c *client) post(ctx context.Context, path string, req gateway.Request, answer any) error {
	if len(req.Files) == 0 {
		return c.call(ctx, http.MethodPost, path, req, answer)
	}
	form, contentType, err := encodeForm(req)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout+time.Duration(form.Len())*time.Second/slowestUpload)
	defer cancel()
	return c.exchange(ctx, http.MethodPost, path, form, contentType, answer)
}

// encodeForm writes a request as a form, with a file part for each data file.
func encodeForm(req gateway.Request) (body *bytes.Buffer, contentType string, err error) {
	files := req.Files
	req.Files = nil
	object, err := json.Marshal(req)
	if err != nil {
		return nil, "", err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, "", err
	}
	body = &bytes.Buffer{}
	form := multipart.NewWriter(body)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := string(fields[name])
		if err := json.Unmarshal(fields[name], &value); err != nil {
			value = string(fields[name]) // not a text
		}
		if err := form.WriteField(name, value); err != nil {
			return nil, "", err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part, err := form.CreateFormFile("files", name)
		if err != nil {
			return nil, "", err
		}
		if _, err := io.WriteString(part, files[name]); err != nil {
			return nil, "", err
		}
	}
	return body, form.FormDataContentType(), form.Close()
}

// call sends one request. An error answer is a *gateway.Problem; an unreachable gateway is load.ErrUnavailable.
func (c *client) call(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var payload io.Reader = http.NoBody
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("encode the request: %w", err)
		}
		payload = bytes.NewReader(b)
	}
	return c.exchange(ctx, method, path, payload, "application/json", answer)
}

// exchange sends a body and reads the answer.
func (c *client) exchange(ctx context.Context, method, path string, body io.Reader, contentType string, answer any) error {
	resp, err := c.send(ctx, method, path, body, contentType, "application/json")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if answer == nil {
		return nil
	}
	if err := json.NewDecoder(resp.Body).Decode(answer); err != nil {
		return fmt.Errorf("%s: the answer: %w", c.label, err)
	}
	return nil
}

func (c *client) send(ctx context.Context, method, path string, body io.Reader, contentType, accept string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.label, err)
	}
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Accept", accept)
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if cause, ok := errors.AsType[*url.Error](err); ok {
			err = cause.Err
		}
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return nil, err
		}
		return nil, fmt.Errorf("%s: %w: %w", c.label, load.ErrUnavailable, err)
	}
	if resp.StatusCode < http.StatusBadRequest {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }()
	problem := &gateway.Problem{}
	if err := json.NewDecoder(resp.Body).Decode(problem); err != nil || problem.Detail == "" {
		return nil, fmt.Errorf("%s: %w: it answers %s; is it a LoadPilot gateway?", c.label, load.ErrUnavailable, resp.Status)
	}
	return nil, problem
}

// message is one message of a run's event stream, or a notice about the stream itself; which of the fields is set, the type says.
type message struct {
	Type   string
	Run    gateway.Run
	Live   load.Live
	Result gateway.RawResult
	Notice string
	Line   []byte // as it came; nil of a notice
}

const noticeMessage = "notice"

func (m *message) UnmarshalJSON(b []byte) error {
	var head struct {
		Type   string            `json:"type"`
		Run    gateway.Run       `json:"run"`
		Result gateway.RawResult `json:"result"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return err
	}
	*m = message{Type: head.Type, Run: head.Run, Result: head.Result, Line: bytes.Clone(b)}
	if head.Type == gateway.EventLive {
		return json.Unmarshal(b, &m.Live)
	}
	return nil
}

// followSteadily follows a run and connects again when the stream breaks off, unless the gateway stays away. Notices of an
// outage are handed over as messages.
func (c *client) followSteadily(ctx context.Context, id string, take func(message)) error {
	way := outage{tell: func(text string) { take(message{Type: noticeMessage, Notice: text}) }}
	for {
		err := c.follow(ctx, id, func(m message) {
			_ = way.bear(nil)
			take(m)
		})
		if err == nil || ctx.Err() != nil {
			return err
		}
		if gone := way.bear(err); gone != nil {
			return gone
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollPause):
		}
	}
}

// errSilent ends a stream that shows no sign of life: its gateway is frozen, or the way to it is cut.
var errSilent = fmt.Errorf("silent for %v", streamTimeout)

// follow reads the event stream of a run and hands each message over, until the result has come (nil), ctx ends, or the
// stream breaks off.
func (c *client) follow(ctx context.Context, id string, take func(message)) error {
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	resp, err := c.send(ctx, http.MethodGet, "/v1/runs/"+url.PathEscape(id)+"/events", http.NoBody, "application/json", "application/x-ndjson")
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	silence := time.AfterFunc(streamTimeout, func() { cut(errSilent) })
	defer silence.Stop()
	lines := bufio.NewReader(resp.Body)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			if cause := context.Cause(ctx); cause != nil {
				err = cause
			}
			return fmt.Errorf("%s: the event stream broke off: %w: %w", c.label, load.ErrUnavailable, err)
		}
		silence.Reset(streamTimeout)
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var m message
		if err := json.Unmarshal(line, &m); err != nil {
			return fmt.Errorf("%s: an event cannot be read: %w", c.label, err)
		}
		take(m)
		if m.Type == gateway.EventResult {
			return nil
		}
	}
}
