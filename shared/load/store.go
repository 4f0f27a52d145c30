package load

import "time"

// StoreUpdate is what the owner of a run writes for dashboards, about once a second.
type StoreUpdate struct {
	Run       string
	Epoch     uint64    // of the owner's lease; the store refuses an older one than it has seen
	StartedAt time.Time // bus time of second 0, or when the run was created if it never started
	State     State
	Verdict   string // "passed" or "failed" once judged, else empty
	Trust     string // TrustLevel once judged, else empty
	Live      Live
	Seconds   []Second // new or amended since the last update that was written
	Result    []byte   // the final JSON; nil until the end
}
