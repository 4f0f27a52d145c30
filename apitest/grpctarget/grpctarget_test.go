package grpctarget

import (
	"errors"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/protobuf/proto"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

const protoFile = "testdata/grpc/testing/service.proto"

var hang = []run.Pair{{Name: "Hang", Value: "1"}}

// open opens the method of a configuration and returns a client of it, with what fills in its calls.
func open(t *testing.T, o run.Opener, c run.Config) (run.Client, run.Filler) {
	t.Helper()
	c.Protocol = run.ProtocolGRPC
	target, maker, err := o.Open(t.Context(), c)
	require.NoError(t, err)
	client, err := target.NewClient(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		require.NoError(t, target.Close())
	})
	return client, maker.New()
}

// do makes one call.
func do(t *testing.T, o run.Opener, c run.Config, call run.Call) run.Outcome {
	t.Helper()
	client, filler := open(t, o, c)
	if call.Timeout == 0 {
		call.Timeout = 10 * time.Second
	}
	require.NoError(t, filler.Fill(0, &call))
	var out run.Outcome
	client.Do(t.Context(), &call, &out)
	return out
}

func TestUnary(t *testing.T) {
	t.Parallel()
	response, err := proto.Marshal(&grpc_testing.SimpleResponse{Payload: &grpc_testing.Payload{Body: make([]byte, 1000)}})
	require.NoError(t, err)
	request, err := proto.Marshal(&grpc_testing.SimpleRequest{ResponseSize: 1000})
	require.NoError(t, err)
	for name, row := range map[string]struct {
		describe func(*grpc.Server)
		options  []grpc.ServerOption
		scheme   string
		opener   run.Opener
	}{
		"reflection":              {describe: reflectV1, scheme: "grpc", opener: Opener()},
		"old reflection":          {describe: reflectV1Alpha, scheme: "grpc", opener: Opener()},
		"a file at a time":        {describe: func(s *grpc.Server) { grpc_reflection_v1.RegisterServerReflectionServer(s, miser{}) }, scheme: "grpc", opener: Opener()},
		"a file":                  {scheme: "grpc", opener: Opener(protoFile)},
		"over TLS":                {describe: reflectV1, options: []grpc.ServerOption{secure(t)}, scheme: "grpcs", opener: Opener()},
		"over TLS, from the file": {options: []grpc.ServerOption{secure(t)}, scheme: "GRPCS", opener: Opener(protoFile)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, row.describe, row.options...)
			path := row.scheme + "://" + s.host + unary
			require.True(t, row.opener.Opens(path))
			client, filler := open(t, row.opener, run.Config{Path: path, Payload: `{"responseSize": 1000}`, Insecure: true})
			for n := range int64(3) {
				call := run.Call{Timeout: 10 * time.Second, Until: time.Now().Add(time.Hour)}
				require.NoError(t, filler.Fill(n, &call))
				assert.Equal(t, request, call.Body)
				var out run.Outcome
				client.Do(t.Context(), &call, &out)
				require.NoError(t, out.Err)
				assert.Empty(t, out.Class)
				assert.Equal(t, "OK", out.Code)
				assert.Zero(t, out.Status)
				assert.False(t, out.Stream)
				assert.EqualValues(t, len(request), out.BytesOut)
				assert.EqualValues(t, len(response), out.BytesIn)
				assert.Equal(t, n == 0, out.Opened, "one connection a client")
				assert.Positive(t, out.FirstByte)
				assert.GreaterOrEqual(t, out.Latency, out.FirstByte)
			}
		})
	}
}

// TestUnaryIsCutOff says that the end of the run cuts off a call.
func TestUnaryIsCutOff(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	out := do(t, Opener(protoFile), run.Config{Path: "grpc://" + s.host + unary, Headers: hang}, run.Call{Until: time.Now().Add(50 * time.Millisecond)})
	assert.Equal(t, load.ErrorCancelled, out.Class, "%v", out.Err)
}

// TestStatus says that codes other than OK are failures, of a class of their own.
func TestStatus(t *testing.T) {
	t.Parallel()
	s := serve(t, reflectV1)
	for _, path := range []string{unary, streaming} {
		out := do(t, Opener(), run.Config{
			Path: "grpc://" + s.host + path, Payload: `{"response_status": {"code": 5, "message": "no such order"}}`,
		}, run.Call{})
		assert.Equal(t, "NotFound", out.Code)
		assert.Equal(t, "grpc_NotFound", out.Class)
		require.EqualError(t, out.Err, "no such order")
		assert.Positive(t, out.FirstByte)
	}
	out := do(t, Opener(), run.Config{Path: "grpc://" + s.host + unary, Payload: `{"response_status": {"code": 14}}`}, run.Call{})
	assert.Equal(t, "grpc_Unavailable", out.Class, "the server says so; it was there to say it")
}

func TestStream(t *testing.T) {
	t.Parallel()
	s := serve(t, reflectV1)
	path := "grpc://" + s.host + streaming
	const three = `{"response_parameters": [{"size": 10}, {"size": 0}, {"size": 10}]}`

	out := do(t, Opener(), run.Config{Path: path, Payload: three}, run.Call{})
	require.NoError(t, out.Err)
	assert.True(t, out.Stream)
	assert.Equal(t, "OK", out.Code)
	assert.EqualValues(t, 3, out.Events)
	assert.Len(t, out.Gaps, 2)
	assert.True(t, out.ServerEnd)
	assert.Positive(t, out.FirstEvent)

	out = do(t, Opener(), run.Config{Path: path, Payload: three, Headers: hang}, run.Call{Events: 2})
	require.NoError(t, out.Err)
	assert.Equal(t, "OK", out.Code)
	assert.EqualValues(t, 2, out.Events)
	assert.False(t, out.ServerEnd)

	until := time.Now().Add(200 * time.Millisecond)
	out = do(t, Opener(), run.Config{Path: path, Payload: three, Headers: hang}, run.Call{Until: until})
	require.NoError(t, out.Err)
	assert.EqualValues(t, 3, out.Events)
	assert.False(t, time.Now().Before(until))

	out = do(t, Opener(), run.Config{Path: path, Headers: hang}, run.Call{Events: 1, Timeout: 50 * time.Millisecond})
	assert.Equal(t, load.ErrorTimeout, out.Class)
	assert.Empty(t, out.Code)
	assert.Zero(t, out.Events)
}

// TestBroken has calls fail without a response.
func TestBroken(t *testing.T) {
	t.Parallel()
	trusted := serve(t, nil, secure(t))
	plain := serve(t, nil)
	web := httptest.NewServer(nil)
	t.Cleanup(web.Close)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, gone.Close())
	for name, row := range map[string]struct {
		address, class string
		header         []run.Pair
	}{
		"nobody listens":    {address: "grpc://" + gone.Addr().String(), class: load.ErrorConnect},
		"unknown authority": {address: "grpcs://" + trusted.host, class: load.ErrorTLS},
		"no TLS":            {address: "grpcs://" + plain.host, class: load.ErrorTLS},
		"no HTTP/2":         {address: "grpc://" + web.Listener.Addr().String(), class: load.ErrorProtocol},
		"no answer":         {address: "grpc://" + plain.host, header: hang, class: load.ErrorTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			call := run.Call{}
			if row.class == load.ErrorTimeout {
				call.Timeout = 50 * time.Millisecond
			}
			out := do(t, Opener(protoFile), run.Config{Path: row.address + unary, Headers: row.header}, call)
			assert.Equal(t, row.class, out.Class, "%v", out.Err)
			assert.Empty(t, out.Code)
			require.Error(t, out.Err)
		})
	}
}

// TestStreamIsLost says that what was OK so far is not when the connection is lost. More is sent than fits between server and client,
// so that some of it has come by then.
func TestStreamIsLost(t *testing.T) {
	t.Parallel()
	s := serve(t, reflectV1)
	client, filler := open(t, Opener(), run.Config{
		Path: "grpc://" + s.host + streaming, Headers: hang, Payload: `{"response_parameters": [{"size": 1000000}, {"size": 1000000}, {"size": 1000000}]}`,
	})
	call := run.Call{Timeout: 10 * time.Second}
	require.NoError(t, filler.Fill(0, &call))
	go func() {
		<-s.service.began
		s.Stop()
	}()
	var out run.Outcome
	client.Do(t.Context(), &call, &out)
	assert.Equal(t, load.ErrorClosed, out.Class, "%v", out.Err)
	assert.Positive(t, out.FirstByte)
	assert.False(t, out.ServerEnd)
}

// TestServerStops says that a call whose connection is lost is closed, and that the client connects again.
func TestServerStops(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	client, filler := open(t, Opener(protoFile), run.Config{Path: "grpc://" + s.host + unary, Headers: hang})
	call := run.Call{Timeout: 10 * time.Second}
	require.NoError(t, filler.Fill(0, &call))
	go func() {
		<-s.service.began
		s.Stop()
	}()
	var out run.Outcome
	client.Do(t.Context(), &call, &out)
	assert.Equal(t, load.ErrorClosed, out.Class, "%v", out.Err)
	assert.Empty(t, out.Code)

	serveAt(t, s.host, nil)
	call.Header = nil
	require.Eventually(t, func() bool {
		client.Do(t.Context(), &call, &out)
		return out.Class == ""
	}, 10*time.Second, 10*time.Millisecond, "%v", out.Err)
	assert.Equal(t, "OK", out.Code)
}

// TestRefused says what cannot be opened, and which flag is to blame.
func TestRefused(t *testing.T) {
	t.Parallel()
	s := serve(t, reflectV1)
	dumb := serve(t, nil)
	secretive := serve(t, func(s *grpc.Server) {
		grpc_reflection_v1.RegisterServerReflectionServer(s, miser{hides: "grpc/testing/messages.proto"})
	})
	here := "grpc://" + s.host
	for name, row := range map[string]struct {
		config       run.Config
		opener       run.Opener
		field, words string
	}{
		"no method":             {config: run.Config{Path: here + "/grpc.testing.TestService"}, field: "path", words: "package.Service/Method"},
		"too many":              {config: run.Config{Path: here + "/grpc.testing.TestService/UnaryCall/x"}, field: "path", words: "package.Service/Method"},
		"a user":                {config: run.Config{Path: "grpc://me:secret@" + s.host + unary}, field: "path", words: "package.Service/Method"},
		"unknown service":       {config: run.Config{Path: here + "/shop.Orders/List"}, field: "path", words: "shop.Orders"},
		"unknown method":        {config: run.Config{Path: here + "/grpc.testing.TestService/List"}, field: "path", words: "UnaryCall"},
		"a message":             {config: run.Config{Path: here + "/grpc.testing.SimpleRequest/List"}, field: "path", words: "is no service"},
		"it takes a stream":     {config: run.Config{Path: here + "/grpc.testing.TestService/StreamingInputCall"}, field: "path", words: "takes a stream"},
		"payload is not JSON":   {config: run.Config{Path: here + unary, Payload: "x"}, field: "payload", words: "SimpleRequest"},
		"payload does not fit":  {config: run.Config{Path: here + unary, Payload: `{"size": 1}`}, field: "payload", words: "size"},
		"no reflection":         {config: run.Config{Path: "grpc://" + dumb.host + unary}, field: "proto", words: ".proto"},
		"no such file":          {config: run.Config{Path: here + unary}, opener: Opener("testdata/none.proto"), field: "proto", words: "none.proto"},
		"not in the file":       {config: run.Config{Path: here + "/shop.Orders/List"}, opener: Opener(protoFile), field: "path", words: "shop.Orders"},
		"a file is not shown":   {config: run.Config{Path: "grpc://" + secretive.host + unary}, words: "does not show grpc/testing/messages.proto"},
		"nobody can be asked":   {config: run.Config{Path: "grpc://" + unused(t) + unary}, words: "refused"},
		"certificate not known": {config: run.Config{Path: "grpcs://" + serve(t, reflectV1, secure(t)).host + unary}, words: "certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if row.opener == nil {
				row.opener = Opener()
			}
			row.config.Protocol = run.ProtocolGRPC
			_, _, err := row.opener.Open(t.Context(), row.config)
			require.ErrorContains(t, err, row.words)
			assert.NotContains(t, err.Error(), "secret")
			field, ok := errors.AsType[*load.FieldError](err)
			if ok != (row.field != "") || ok && field.Field != row.field {
				t.Errorf("%q is not about %q", err, row.field)
			}
		})
	}
}

// unused returns an address where nobody listens.
func unused(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	return l.Addr().String()
}

// TestTemplates says that each call has a message of its own, made from its own JSON.
func TestTemplates(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	_, filler := open(t, Opener(protoFile), run.Config{Path: "grpc://" + s.host + unary, Payload: `{"responseSize": {{seq 5}}}`})
	var calls [3]run.Call
	for n := range calls {
		require.NoError(t, filler.Fill(int64(n), &calls[n]))
	}
	for n, call := range calls {
		var request grpc_testing.SimpleRequest
		require.NoError(t, proto.Unmarshal(call.Body, &request))
		assert.EqualValues(t, 5+n, request.GetResponseSize())
		assert.Equal(t, unary, call.URL[strings.LastIndex(call.URL, s.host)+len(s.host):])
	}
}

// TestConstant says that a payload which is always the same becomes a message once.
func TestConstant(t *testing.T) { //nolint:paralleltest // allocations are the process's
	s := serve(t, nil)
	_, filler := open(t, Opener(protoFile), run.Config{Path: "grpc://" + s.host + unary, Payload: `{"responseSize": 5}`})
	var call run.Call
	assert.Zero(t, testing.AllocsPerRun(100, func() { require.NoError(t, filler.Fill(0, &call)) }))
}

// TestPayloadFunc says that a function is not called before the run, and that its errors are those of single calls.
func TestPayloadFunc(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	failure := errors.New("no more")
	calls, body := 0, []byte(`{"responseSize": 0}`)
	_, filler := open(t, Opener(protoFile), run.Config{Path: "grpc://" + s.host + unary, PayloadFunc: func(n int64) ([]byte, error) {
		if calls++; n == 1 {
			return nil, failure
		}
		body[len(body)-2] = '0' + byte(n) // in the same memory as before
		return body, nil
	}})
	assert.Zero(t, calls)
	var call run.Call
	require.NoError(t, filler.Fill(0, &call))
	require.ErrorIs(t, filler.Fill(1, &call), failure)
	require.NoError(t, filler.Fill(2, &call))
	assert.Equal(t, 3, calls)
	var request grpc_testing.SimpleRequest
	require.NoError(t, proto.Unmarshal(call.Body, &request))
	assert.EqualValues(t, 2, request.GetResponseSize())
}

func TestFlag(t *testing.T) {
	t.Parallel()
	o := Opener()
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	o.(interface{ AddFlags(flags *pflag.FlagSet) }).AddFlags(flags)
	require.NoError(t, flags.Parse([]string{"--proto", protoFile}))
	s := serve(t, nil)
	out := do(t, o, run.Config{Path: "grpc://" + s.host + unary}, run.Call{})
	require.NoError(t, out.Err)
	for path, opens := range map[string]bool{"grpc://h/S/M": true, "grpcs://h/S/M": true, "http://h/grpc://": false, "/a": false, "": false} {
		assert.Equal(t, opens, o.Opens(path), path)
	}
	assert.Equal(t, run.ProtocolGRPC, o.Protocol())
}
