package embedded

import (
	"fmt"

	"github.com/alicebob/miniredis/v2"
)

// RedisConfig says where an embedded Redis listens.
type RedisConfig struct {
	Addr string // host:port; default 127.0.0.1 and any free port
}

// Redis is a running Redis server that keeps its keys in memory only.
type Redis struct {
	server *miniredis.Miniredis
}

// StartRedis starts a server and returns when it accepts connections. The caller must call Close.
func StartRedis(c RedisConfig) (*Redis, error) {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	s := miniredis.NewMiniRedis()
	s.ClockTTL(true) // without its clock no key would ever expire
	if err := s.StartAddr(c.Addr); err != nil {
		return nil, fmt.Errorf("start Redis on %s: %w", c.Addr, err)
	}
	return &Redis{server: s}, nil
}

// Addr returns the host:port that the server listens on.
func (r *Redis) Addr() string { return r.server.Addr() }

// Close stops the server and waits for its connections to end.
func (r *Redis) Close() { r.server.Close() }
