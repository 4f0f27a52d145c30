package embedded_test

import (
	"bufio"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/embedded"
)

// holderVariable makes the test binary a process that holds the store folder it names.
const holderVariable = "LOADPILOT_TEST_HOLD_STORE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holderVariable); dir != "" {
		holdStore(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// holdStore starts a server, says so, and lives until it is killed.
func holdStore(dir string) {
	if _, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, Port: -1}); err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString("held\n")
	select {}
}

func startNATS(t *testing.T, dir string) *embedded.NATS {
	t.Helper()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, Port: -1})
	require.NoError(t, err)
	t.Cleanup(n.Shutdown)
	return n
}

func TestNATSTakesConnectionsInProcessAndOverTCP(t *testing.T) {
	t.Parallel()
	n := startNATS(t, t.TempDir())
	inside, err := nats.Connect("", nats.InProcessServer(n.Server()))
	require.NoError(t, err)
	defer inside.Close()
	outside, err := nats.Connect(n.ClientURL())
	require.NoError(t, err)
	defer outside.Close()

	sub, err := outside.SubscribeSync("hello")
	require.NoError(t, err)
	require.NoError(t, outside.Flush())
	require.NoError(t, inside.Publish("hello", []byte("x")))
	got, err := sub.NextMsgWithContext(t.Context())
	require.NoError(t, err)
	require.Equal(t, "x", string(got.Data))

	u, err := url.Parse(n.ClientURL())
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1", u.Hostname(), "the default must not be reachable from outside")
}

func TestNATSKeepsItsStoreOverARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	publish := func() uint64 {
		n := startNATS(t, dir)
		defer n.Shutdown()
		nc, err := nats.Connect(n.ClientURL())
		require.NoError(t, err)
		defer nc.Close()
		js, err := jetstream.New(nc)
		require.NoError(t, err)
		_, err = js.CreateOrUpdateStream(t.Context(), jetstream.StreamConfig{Name: "KEPT", Subjects: []string{"kept"}})
		require.NoError(t, err)
		ack, err := js.Publish(t.Context(), "kept", nil)
		require.NoError(t, err)
		return ack.Sequence
	}
	require.EqualValues(t, 1, publish())
	require.EqualValues(t, 2, publish())
}

func TestNATSRefusesAStoreInUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := startNATS(t, dir)
	_, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, Port: -1})
	require.ErrorIs(t, err, embedded.ErrStoreInUse)
	require.ErrorContains(t, err, dir)
	first.Shutdown()
	startNATS(t, dir)
}

func TestNATSStoreIsFreeWhenItsHolderWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	holder := exec.CommandContext(t.Context(), os.Args[0])
	holder.Env = append(os.Environ(), holderVariable+"="+dir)
	out, err := holder.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, holder.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "held\n", line)

	_, err = embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, Port: -1})
	require.ErrorIs(t, err, embedded.ErrStoreInUse)
	require.NoError(t, holder.Process.Kill())
	var exit *exec.ExitError
	require.ErrorAs(t, holder.Wait(), &exit)
	startNATS(t, dir)
}

func TestNATSSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	require.NoError(t, err)
	taken, err := strconv.Atoi(port)
	require.NoError(t, err)
	_, err = embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), Port: taken})
	require.ErrorContains(t, err, "address already in use")
	_, err = embedded.StartNATS(embedded.NATSConfig{Port: -1})
	require.ErrorContains(t, err, "no folder given")
}

func TestRedisForgetsExpiredKeys(t *testing.T) {
	t.Parallel()
	r, err := embedded.StartRedis(embedded.RedisConfig{})
	require.NoError(t, err)
	defer r.Close()
	c := redis.NewClient(&redis.Options{Addr: r.Addr()})
	defer c.Close()
	require.NoError(t, c.Set(t.Context(), "k", "v", 20*time.Millisecond).Err())
	for c.Exists(t.Context(), "k").Val() == 1 {
	}
	_, err = embedded.StartRedis(embedded.RedisConfig{Addr: r.Addr()})
	require.ErrorContains(t, err, r.Addr())
}
