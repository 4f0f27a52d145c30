package testkit

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// startTimeout is how long a server may take until it answers.
const startTimeout = 20 * time.Second

// Server is a real server in a process of its own, on loopback, with its data in a folder of the test.
type Server struct {
	// Addr is its host:port, the same over all of its restarts, and URL the same with a scheme.
	Addr, URL string

	command Command
	probe   probe
	process *Process
}

// probe is a line to say to a server, and what its answer begins with.
type probe struct{ say, want string }

// StartNATS starts a nats-server with JetStream. The program is LOADPILOT_NATS_SERVER, or is built from the module that
// the project requires.
func StartNATS(tb testing.TB) *Server {
	tb.Helper()
	path := Binary(tb, "LOADPILOT_NATS_SERVER", "github.com/nats-io/nats-server/v2")
	addr := freeAddr(tb)
	host, port, _ := strings.Cut(addr, ":")
	s := &Server{
		Addr:    addr,
		URL:     "nats://" + addr,
		command: Command{Path: path, Args: []string{"-a", host, "-p", port, "-js", "-sd", tb.TempDir()}},
		probe:   probe{want: "INFO "},
	}
	s.Start(tb)
	return s
}

// StartRedis starts a redis-server that keeps nothing on disk. It skips the test, and says why, where there is none.
func StartRedis(tb testing.TB) *Server {
	tb.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Skip("redis-server is not installed: what needs a real Redis is not tested (make tools installs it on Debian)")
	}
	addr := freeAddr(tb)
	host, port, _ := strings.Cut(addr, ":")
	s := &Server{
		Addr: addr,
		URL:  "redis://" + addr + "/0",
		command: Command{Path: path, Args: []string{
			"--bind", host, "--port", port, "--dir", tb.TempDir(), "--save", "", "--appendonly", "no",
		}},
		probe: probe{say: "PING\r\n", want: "+PONG"},
	}
	s.Start(tb)
	return s
}

// Start starts the server, again after Stop or Kill, with the same address and data, and returns once it answers.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	s.process = Start(tb, s.command)
	ctx, cancel := context.WithTimeout(tb.Context(), startTimeout)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for !s.probe.answered(ctx, s.Addr) {
		select {
		case <-retry.C:
		case <-s.process.Exited():
			tb.Fatalf("testkit: %s ended: %s%s", s.command.Path, s.process.Stdout(), s.process.Stderr())
		case <-ctx.Done():
			tb.Fatalf("testkit: %s does not answer on %s", s.command.Path, s.Addr)
		}
	}
}

// Stop lets the server end in order.
func (s *Server) Stop() { s.process.Stop() }

// Kill ends the server as a crash would.
func (s *Server) Kill() { s.process.Kill() }

// answered reports whether a server is there and says what it should.
func (p probe) answered(ctx context.Context, addr string) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := fmt.Fprint(conn, p.say); err != nil {
		return false
	}
	line, _ := bufio.NewReader(conn).ReadString('\n')
	return strings.HasPrefix(line, p.want)
}

// Servers that have to come back under the same address cannot be given port 0. Their ports lie below those that systems
// hand out by themselves, or a connection that happens to be made while the server is away would take its port.
const (
	firstPort = 20_000
	ports     = 12_000
)

// freeAddr returns an address on loopback that nobody listened on a moment ago.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPort+rand.IntN(ports)))
		if listener, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", addr); err == nil {
			_ = listener.Close()
			return addr
		}
	}
	tb.Fatal("testkit: no port is free")
	return ""
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}
