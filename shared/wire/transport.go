package wire

import (
	"reflect"

	"github.com/loadpilot/loadpilot/shared/load"
)

// transport is absent from a run that leaves everything at its default. It holds nothing that is secret.
type transport struct {
	HTTP2          bool      `json:"http2,omitempty"`
	ConnectTimeout millis    `json:"connect_timeout_ms,omitempty"`
	Insecure       bool      `json:"insecure,omitempty"`
	ServerName     string    `json:"servername,omitempty"`
	Proxy          string    `json:"proxy,omitempty"` // without credentials
	Resolve        []resolve `json:"resolve,omitempty"`
	SourceAddress  string    `json:"source_address,omitempty"`
	CA             bool      `json:"cacert,omitempty"` // kept apart, as the rest
	Cert           bool      `json:"cert,omitempty"`
	ProxyAuth      bool      `json:"proxy_auth,omitempty"`
	Headers        []string  `json:"headers,omitempty"` // names
}

type resolve struct {
	Host    string `json:"host"`
	Port    string `json:"port"`
	Address string `json:"address"`
}

func fromTransport(t load.Transport) *transport {
	if reflect.ValueOf(t).IsZero() {
		return nil
	}
	w := &transport{
		HTTP2: t.HTTP2, ConnectTimeout: fromDuration(t.ConnectTimeout), Insecure: t.Insecure, ServerName: t.ServerName, Proxy: t.Proxy,
		SourceAddress: t.SourceAddress, CA: t.CA, Cert: t.Cert, ProxyAuth: t.ProxyAuth, Headers: t.Headers,
	}
	for _, r := range t.Resolve {
		w.Resolve = append(w.Resolve, resolve(r))
	}
	return w
}

func (w *transport) transport() load.Transport {
	if w == nil {
		return load.Transport{}
	}
	t := load.Transport{
		HTTP2: w.HTTP2, ConnectTimeout: w.ConnectTimeout.duration(), Insecure: w.Insecure, ServerName: w.ServerName, Proxy: w.Proxy,
		SourceAddress: w.SourceAddress, CA: w.CA, Cert: w.Cert, ProxyAuth: w.ProxyAuth, Headers: w.Headers,
	}
	for _, r := range w.Resolve {
		t.Resolve = append(t.Resolve, load.Resolve(r))
	}
	return t
}
