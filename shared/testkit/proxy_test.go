package testkit_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

// echo is a server that sends back what it gets.
func echo(t *testing.T) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(conn, conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestAProxyDelaysHoldsAndCuts(t *testing.T) {
	t.Parallel()
	proxy := testkit.StartProxy(t, echo(t))
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", proxy.Addr)
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		return conn
	}
	conn := dial()
	answers := bufio.NewReader(conn)
	say := func(text string) {
		_, err := io.WriteString(conn, text+"\n")
		require.NoError(t, err)
	}
	hear := func(text string) {
		line, err := answers.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, text+"\n", line)
	}
	say("one")
	hear("one")

	proxy.Delay(30 * time.Millisecond)
	asked := time.Now()
	say("two")
	hear("two")
	require.GreaterOrEqual(t, time.Since(asked), 60*time.Millisecond, "there and back")

	proxy.Stall()
	say("three")
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err := answers.Peek(1)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "nothing comes, and the connection is open")
	require.NoError(t, conn.SetReadDeadline(time.Time{}))
	proxy.Heal()
	hear("three")

	proxy.Cut()
	_, err = answers.ReadByte()
	require.Error(t, err)
	_, err = net.Dial("tcp", proxy.Addr)
	require.Error(t, err)
	proxy.Heal()
	conn = dial()
	answers = bufio.NewReader(conn)
	say("four")
	hear("four")
}
