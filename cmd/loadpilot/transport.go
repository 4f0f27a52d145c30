package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/services/gateway"
)

// transportFlags say how requests reach the target. Some values are secrets: errors do not show them.
type transportFlags struct {
	http2, insecure                  bool
	connectTimeout                   time.Duration
	caCert, cert, key                string // files
	serverName, proxy, sourceAddress string
	resolve, headers                 []string
}

func (t *transportFlags) register(f *pflag.FlagSet) {
	f.BoolVar(&t.http2, "http2", false, "demand HTTP/2: by ALPN of https://, by prior knowledge of http://")
	f.DurationVar(&t.connectTimeout, "connect-timeout", 0, "until a connection stands, within --timeout")
	f.BoolVar(&t.insecure, "insecure", false, "do not verify certificates")
	f.StringVar(&t.caCert, "cacert", "", "`FILE` of certificates, as PEM, to verify by in place of the system's")
	f.StringVar(&t.cert, "cert", "", "`FILE` of the certificate, as PEM, to show to servers that ask for one")
	f.StringVar(&t.key, "key", "", "`FILE` of its key, as PEM")
	f.StringVar(&t.serverName, "servername", "", "`NAME` to expect in the target's certificate, and to send as SNI")
	f.StringVar(&t.proxy, "proxy", "", "`URL` of an HTTP proxy, http://[USER:PASSWORD@]HOST:PORT")
	f.StringArrayVar(&t.resolve, "resolve", nil, "`HOST:PORT:ADDRESS` to use in place of what the name server says; repeatable")
	f.StringVar(&t.sourceAddress, "source-address", "", "`IP` address that connections come from")
	f.StringArrayVar(&t.headers, "header", nil, "`NAME: VALUE` of each request to the target that has none of that name itself; repeatable")
}

// read puts the flags into a part of the request. Files are read here: generators may be elsewhere.
func (t *transportFlags) read(flags *pflag.FlagSet) (out gateway.Transport, err error) {
	out = gateway.Transport{
		HTTP2: t.http2, Insecure: t.insecure, ServerName: t.serverName, Proxy: t.proxy, Resolve: t.resolve,
		SourceAddress: t.sourceAddress, Headers: t.headers,
	}
	if flags.Changed("connect-timeout") {
		out.ConnectTimeout = t.connectTimeout.String()
	}
	for _, f := range []struct {
		flag, file string
		text       *string
	}{{"cacert", t.caCert, &out.CACert}, {"cert", t.cert, &out.Cert}, {"key", t.key, &out.Key}} {
		if f.file == "" {
			continue
		}
		if *f.text, err = readPEM(f.file); err != nil {
			return out, &flagError{f.flag, err}
		}
	}
	return out, nil
}

// readPEM reads a file of certificates or a key.
func readPEM(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("there is no file %s", name)
		}
		return "", err
	}
	defer func() { _ = file.Close() }()
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: %w", name, err)
	case len(text) > most:
		return "", fmt.Errorf("%s: longer than %d bytes", name, most)
	case len(text) == 0:
		return "", fmt.Errorf("%s: the file is empty", name)
	}
	return string(text), nil
}
