package gateway

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Transport is how the requests of a run reach the target. Certificates are texts, so that no generator needs a file.
type Transport struct {
	HTTP2          bool     `json:"http2,omitempty" doc:"Demand HTTP/2: by ALPN over TLS, by prior knowledge without"`
	ConnectTimeout string   `json:"connect_timeout,omitempty" doc:"Until a connection stands; within timeout" example:"2s"`
	Insecure       bool     `json:"insecure,omitempty" doc:"Do not verify certificates"`
	CACert         string   `json:"cacert,omitempty" writeOnly:"true" doc:"PEM: certificates to verify by, in place of the system's"`
	Cert           string   `json:"cert,omitempty" writeOnly:"true" doc:"PEM: certificate to show to servers that ask for one"`
	Key            string   `json:"key,omitempty" writeOnly:"true" doc:"PEM: its key, a secret"`
	ServerName     string   `json:"servername,omitempty" doc:"Expected in the target's certificate, and sent as SNI" example:"shop.test"`
	Proxy          string   `json:"proxy,omitempty" writeOnly:"true" doc:"http://[USER:PASSWORD@]HOST:PORT; the password is a secret"`
	Resolve        []string `json:"resolve,omitempty" doc:"Addresses in place of those that the name server knows" example:"[\"shop.test:443:127.0.0.1\"]"`
	SourceAddress  string   `json:"source_address,omitempty" doc:"IP address that connections come from" example:"127.0.0.2"`
	Headers        []string `json:"headers,omitempty" writeOnly:"true" doc:"NAME: VALUE, of each request to the target unless the script sends one of that name; values are secrets"`
}

// Parse takes the transport apart: what may be told, and what may not. It fails with a *load.FieldError.
func (t *Transport) Parse() (out load.Transport, secret load.Credentials, err error) {
	out = load.Transport{HTTP2: t.HTTP2, Insecure: t.Insecure, ServerName: t.ServerName, SourceAddress: t.SourceAddress}
	secret = load.Credentials{CA: t.CACert, Cert: t.Cert, Key: t.Key}
	if t.ConnectTimeout != "" {
		if out.ConnectTimeout, err = parseDuration("connect_timeout", t.ConnectTimeout); err != nil {
			return out, secret, err
		}
		if out.ConnectTimeout == 0 {
			return out, secret, &load.FieldError{Field: "connect_timeout", Message: "it must be above 0"}
		}
	}
	if t.Proxy != "" {
		if out.Proxy, secret.ProxyUser, err = load.ParseProxy(t.Proxy); err != nil {
			return out, secret, err
		}
	}
	for _, text := range t.Resolve {
		r, err := load.ParseResolve(text)
		if err != nil {
			return out, secret, err
		}
		out.Resolve = append(out.Resolve, r)
	}
	for _, text := range t.Headers {
		h, err := load.ParseHeader(text)
		if err != nil {
			return out, secret, err
		}
		secret.Headers = append(secret.Headers, h)
	}
	out.Describe(secret)
	return out, secret, nil
}

// secrets are those of a request, as far as they can be read.
func (r *Request) secrets() load.Secrets {
	_, credentials, _ := r.Parse() // plan reports what is wrong
	return load.Secrets{Env: r.Env, Credentials: credentials}
}

// PlanTransport is the transport of a plan as clients see it: whether there are secrets, but none of them.
type PlanTransport struct {
	HTTP2          bool     `json:"http2,omitempty"`
	ConnectTimeout string   `json:"connect_timeout,omitempty"`
	Insecure       bool     `json:"insecure,omitempty"`
	CACert         bool     `json:"cacert,omitempty" doc:"There is one"`
	Cert           bool     `json:"cert,omitempty" doc:"There is one, with its key"`
	ServerName     string   `json:"servername,omitempty"`
	Proxy          string   `json:"proxy,omitempty" doc:"Without credentials"`
	ProxyAuth      bool     `json:"proxy_auth,omitempty" doc:"It has credentials"`
	Resolve        []string `json:"resolve,omitempty"`
	SourceAddress  string   `json:"source_address,omitempty"`
	Headers        []string `json:"headers,omitempty" doc:"Names"`
}

// viewTransport shows a transport.
func viewTransport(t load.Transport) PlanTransport {
	v := PlanTransport{
		HTTP2: t.HTTP2, Insecure: t.Insecure, CACert: t.CA, Cert: t.Cert, ServerName: t.ServerName, Proxy: t.Proxy, ProxyAuth: t.ProxyAuth,
		SourceAddress: t.SourceAddress, Headers: t.Headers,
	}
	if t.ConnectTimeout > 0 {
		v.ConnectTimeout = t.ConnectTimeout.Round(time.Microsecond).String()
	}
	for _, r := range t.Resolve {
		v.Resolve = append(v.Resolve, r.String())
	}
	return v
}
