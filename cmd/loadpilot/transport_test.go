package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// versioned is a scenario that knows by which protocol it is answered.
const versioned = `from loadpilot import LoadClient, VUser, scenario, task

@scenario(rps=20, duration="3s", mode="constant", max_lag="5s")
class Flow(VUser):
    @task
    def look(self, client: LoadClient):
        client.batch([{"method": "GET", "path": "/a"}, {"method": "GET", "path": "/b"}])
        r = client.get("/look", headers={"X-Own": "script"})
        assert r.http_version == "HTTP/2", r.http_version
        r = client.get("/echo")
        assert False, r.headers["x-echo"]
`

// identity is a self-signed certificate with its key, as PEM.
func identity(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"shop.test"},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	require.NoError(t, err)
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

func TestTheTransportReachesAllGeneratorsAndItsSecretsNothingElse(t *testing.T) {
	t.Parallel()
	const secret = "s3cret-of-the-run"
	cert, key := identity(t)
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	require.NoError(t, err)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM([]byte(cert))
	var mu sync.Mutex
	seen, connections := map[string]int{}, 0
	shop := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		mu.Lock()
		defer mu.Unlock()
		seen[strings.Join([]string{r.Proto, r.Host, r.TLS.ServerName, r.Header.Get("X-Own"), r.Header.Get("Authorization")}, " ")]++
	}))
	shop.Config.ErrorLog = log.New(io.Discard, "", 0)
	shop.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		if state == http.StateNew {
			connections++
		}
	}
	shop.EnableHTTP2 = true
	shop.TLS = &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted,
	}
	shop.StartTLS()
	t.Cleanup(shop.Close)
	_, port, err := net.SplitHostPort(shop.Listener.Addr().String())
	require.NoError(t, err)

	f := startFleet(t, 2)
	target := "https://front.test:" + port
	p := f.start("run", f.file("flow.py", versioned), "-t", target, "--gateway-url", f.URL(), "--external-agents", "2", "--http2",
		"--cacert", f.file("ca.pem", cert), "--cert", f.file("client.pem", cert), "--key", f.file("client.key", key),
		"--servername", "shop.test", "--resolve", "front.test:"+port+":127.0.0.1", "--source-address", "127.0.0.1", "--connect-timeout", "5s",
		"--header", "Authorization: Bearer "+secret, "--header", "X-Own: run", "--users", "5", "--threshold", "error_rate=50", "--json")
	require.Equal(t, load.ExitPassed, exitCode(p), "%s%s", p.Stdout(), p.Stderr())
	r := decodeResult(t, p.Stdout())
	requireShares(t, r, 2, 0.2)
	common := "HTTP/2.0 front.test:" + port + " shop.test "
	mu.Lock()
	require.Equal(t, map[string]int{common + "run Bearer " + secret: 3 * 60, common + "script Bearer " + secret: 60}, seen)
	require.LessOrEqual(t, connections, 30, "a user has one connection, whatever its batches")
	mu.Unlock()
	require.Contains(t, p.Stdout(), "AssertionError: ***", "what the target echoes")

	var run gateway.Run
	_, err = f.Do(http.MethodGet, "/v1/runs/"+r.RunID, nil, &run)
	require.NoError(t, err)
	require.Equal(t, gateway.PlanTransport{
		HTTP2: true, ConnectTimeout: "5s", CACert: true, Cert: true, ServerName: "shop.test", Resolve: []string{"front.test:" + port + ":127.0.0.1"},
		SourceAddress: "127.0.0.1", Headers: []string{"Authorization", "X-Own"},
	}, run.Plan.PlanTransport)
	var logs strings.Builder
	logs.WriteString(f.Gateway.Stderr())
	for _, services := range [][]*testkit.Service{f.Schedulers, f.Aggregators, f.Generators} {
		for _, s := range services {
			logs.WriteString(s.Stderr())
		}
	}
	for where, text := range map[string]string{
		"output": p.Stdout() + p.Stderr(), "logs": logs.String(),
		"bus": f.everyMessage(t.Context()), "Redis": f.everyValue(t.Context()), "result": string(run.Result),
	} {
		require.NotContains(t, text, secret, where)
		require.NotContains(t, text, "PRIVATE KEY", where)
	}
}

func TestWrongTransportFlags(t *testing.T) {
	t.Parallel()
	l := setup(t)
	_, key := identity(t)
	flow, empty, keyFile := l.file("flow.py", versioned), l.file("empty.pem", ""), l.file("key.pem", key)
	for _, tc := range []struct {
		args []string
		says string
	}{
		{[]string{"--cacert", "none.pem"}, "--cacert: there is no file none.pem"},
		{[]string{"--cacert", empty}, "the file is empty"},
		{[]string{"--cacert", keyFile}, "cacert: there is no certificate in it"},
		{[]string{"--key", keyFile}, "cert: a key goes with a certificate"},
		{[]string{"--proxy", "https://me:s3cret@proxy.test:1"}, "proxy: a proxy of https:// is not supported"},
		{[]string{"--resolve", "shop.test:127.0.0.1"}, "resolve: \"shop.test:127.0.0.1\": the port is not"},
		{[]string{"--source-address", "eth0"}, "source_address: \"eth0\" is not an IP address"},
		{[]string{"--header", "s3cret"}, "headers: one of them is not NAME: VALUE"},
		{[]string{"--connect-timeout", "0s"}, "connect_timeout: it must be above 0"},
		{[]string{"--servername", "a:1"}, "servername: \"a:1\" is not the name of a host"},
	} {
		p := l.run(load.ExitConfig, append([]string{"run", flow, "-t", "http://127.0.0.1:1"}, tc.args...)...)
		require.Contains(t, p.Stderr(), tc.says)
		require.NotContains(t, p.Stdout()+p.Stderr(), "s3cret")
		require.NotContains(t, p.Stdout()+p.Stderr(), "PRIVATE")
	}
}

func TestTracesTravelAsRunsDo(t *testing.T) {
	t.Parallel()
	l := setup(t)
	shop := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Proto+" "+r.Header.Get("X-Own"))
	}))
	shop.EnableHTTP2 = true
	shop.StartTLS()
	t.Cleanup(shop.Close)
	p := l.run(load.ExitBreached, "check", l.file("flow.py", versioned), "-t", shop.URL, "--trace", "--http2", "--insecure", "--header", "X-Own: s3cret")
	require.Contains(t, p.Stdout(), "AssertionError: HTTP/2.0 ***")
	require.NotContains(t, p.Stdout()+p.Stderr(), "s3cret")
	p = l.run(load.ExitInfra, "check", l.file("flow.py", versioned), "-t", shop.URL, "--trace")
	require.Contains(t, p.Stderr(), "certificate")
}

// Requests that all time out have the time of the time-out, none more and none less, and the run has failed.
func TestARunOfTimeouts(t *testing.T) {
	t.Parallel()
	for _, http2 := range []string{"false", "true"} {
		t.Run("http2="+http2, func(t *testing.T) {
			t.Parallel()
			r, record := measure(t, load.ExitBreached, []string{"-latency", "1m"},
				"-s", "Steady", "--max-lag", "5s", "--duration", "2s", "--timeout", "300ms", "--http2="+http2)
			require.Equal(t, 100, record.Requests())
			require.Equal(t, int64(100), r.RequestsTotal)
			require.Equal(t, int64(100), r.ErrorsTotal)
			require.Len(t, r.Errors, 1)
			require.Equal(t, load.ErrorTimeout, r.Errors[0].Class)
			require.Empty(t, r.StatusCodes)
			require.GreaterOrEqual(t, r.Service.MinMs, 290.0)
			require.GreaterOrEqual(t, r.Response.MinMs, 299.0)
			require.Less(t, r.Service.P50Ms, 600.0)
		})
	}
}
