package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// ErrStoreInUse says that another server holds the store folder.
var ErrStoreInUse = errors.New("the store folder is in use by another server")

// readyTimeout bounds the wait for the server to accept connections, the recovery of a large store included.
const readyTimeout = 30 * time.Second

// NATSConfig says where an embedded NATS server keeps its data and where it listens.
type NATSConfig struct {
	StoreDir string // made if it is absent
	Host     string // default 127.0.0.1
	Port     int    // -1: any free one; 0: 4222
	MaxStore int64  // most bytes on disk; 0: three quarters of what is free
}

// NATS is a running NATS server with JetStream.
type NATS struct {
	server *server.Server
	lock   *os.File
}

// StartNATS starts a server and returns when it accepts connections. It fails with ErrStoreInUse if another server, of this
// or another process, holds the store folder. The caller must call Shutdown.
func StartNATS(c NATSConfig) (*NATS, error) {
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if err := portFree(c.Host, c.Port); err != nil {
		return nil, fmt.Errorf("start NATS: %w", err)
	}
	lock, err := lockFolder(c.StoreDir)
	if err != nil {
		return nil, fmt.Errorf("lock store folder %s: %w", c.StoreDir, err)
	}
	s, err := server.NewServer(&server.Options{
		Host: c.Host, Port: c.Port, NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: c.StoreDir, JetStreamMaxStore: c.MaxStore,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("configure NATS: %w", err), freeFolder(lock))
	}
	n := &NATS{server: s, lock: lock}
	s.Start()
	if !s.ReadyForConnections(readyTimeout) {
		n.Shutdown()
		return nil, fmt.Errorf("start NATS on store folder %s: not ready after %v", c.StoreDir, readyTimeout)
	}
	return n, nil
}

// ClientURL returns the address that clients of other processes connect to.
func (n *NATS) ClientURL() string { return n.server.ClientURL() }

// Server gives connections that do not leave the process. Its method set is nats.InProcessConnProvider.
func (n *NATS) Server() interface{ InProcessConn() (net.Conn, error) } { return n.server }

// Shutdown stops the server, waits until its store is written, and frees the folder.
func (n *NATS) Shutdown() {
	n.server.Shutdown()
	n.server.WaitForShutdown()
	_ = freeFolder(n.lock)
}

// portFree says at once what the server would keep to itself.
func portFree(host string, port int) error {
	if port < 0 {
		return nil
	}
	if port == 0 {
		port = server.DEFAULT_PORT
	}
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return l.Close()
}

// lockFolder makes the folder and takes its lock, which the operating system drops when the process dies.
func lockFolder(dir string) (*os.File, error) {
	if dir == "" {
		return nil, errors.New("no folder given")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "loadpilot.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := tryLock(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func freeFolder(lock *os.File) error { return errors.Join(unlock(lock), lock.Close()) }
