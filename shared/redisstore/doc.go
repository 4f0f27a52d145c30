// Package redisstore writes what dashboards read to Redis: live snapshots, the series of seconds, final results and the list
// of recent runs. docs/redis.md lists every key.
//
// Redis is a copy: whatever is in it can be written again from the events of the bus, so a test does not depend on it. A
// [Store] is made without asking Redis; while that is away each call fails within a second with load.ErrUnavailable, and
// the outage is logged once.
//
// A write is one script that Redis runs as a whole. It carries the epoch of the writer's lease, and an older one than was
// seen before is refused, so that an owner that was cut off cannot overwrite what its successor wrote.
//
// The scripts touch several keys by their plain names, so Redis must not be a cluster.
package redisstore
