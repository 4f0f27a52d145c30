package grpctarget

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/spf13/pflag"
	"google.golang.org/grpc/metadata"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Opener returns the opener of grpc:// and grpcs:// paths. Methods are looked up in the .proto files, or, if there are none, the
// server is asked.
func Opener(protoFiles ...string) run.Opener { return &opener{protoFiles} }

type opener struct{ protoFiles []string }

// AddFlags adds the flag that names .proto files.
func (o *opener) AddFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&o.protoFiles, "proto", o.protoFiles, "`FILE` that describes the gRPC service; repeatable (default: the server is asked)")
}

// Protocol implements run.Opener.
func (o *opener) Protocol() run.Protocol { return run.ProtocolGRPC }

// Opens implements run.Opener.
func (o *opener) Opens(path string) bool {
	scheme, _, ok := strings.Cut(path, "://")
	return ok && (strings.EqualFold(scheme, "grpc") || strings.EqualFold(scheme, "grpcs"))
}

// Open implements run.Opener. It fails with a *load.FieldError if there is no such method, or the payload does not fit what it takes, and
// with load.ErrUnavailable if the server that is asked does not answer.
func (o *opener) Open(ctx context.Context, c run.Config) (run.Target, run.Maker, error) {
	c = c.WithDefaults()
	at, err := parse(c.Path)
	if err != nil {
		return nil, nil, err
	}
	t := &target{address: at, insecure: c.Insecure, timeout: c.Timeout}
	within, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	method, err := o.method(metadata.NewOutgoingContext(within, headerOf(c.Headers)), t)
	if err != nil {
		return nil, nil, err
	}
	t.streams = method.IsStreamingServer()
	m, err := newMaker(ctx, c, method)
	if err != nil {
		return nil, nil, err
	}
	return t, m, nil
}

// address is where a method is.
type address struct {
	host    string // with port
	secure  bool
	service string
	method  string
}

func parse(path string) (address, error) {
	u, err := url.Parse(path)
	if err != nil || u.User != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" {
		return address{}, errPath
	}
	a := address{secure: strings.EqualFold(u.Scheme, "grpcs")}
	port := "80"
	if a.secure {
		port = "443"
	}
	a.host = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port))
	var ok bool
	a.service, a.method, ok = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if !ok || a.service == "" || a.method == "" || strings.Contains(a.method, "/") {
		return address{}, errPath
	}
	return a, nil
}

var errPath = &load.FieldError{Field: "path", Message: "a gRPC method is grpc://HOST:PORT/package.Service/Method"}

func (a address) path() string { return "/" + a.service + "/" + a.method }

// headerOf returns header fields as metadata.
func headerOf(pairs []run.Pair) metadata.MD {
	md := make(metadata.MD, len(pairs))
	for _, p := range pairs {
		md.Append(p.Name, p.Value)
	}
	return md
}

func pathErrorf(format string, args ...any) error {
	return &load.FieldError{Field: "path", Message: fmt.Sprintf(format, args...)}
}
