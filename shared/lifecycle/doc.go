// Package lifecycle runs the parts of a process together: they start in order, so that each finds what it needs, and
// stop in reverse, so that each can still finish with the help of what it needs. The first part to end ends all, and
// its error is the group's.
//
//	         Start 1, Start 2, … Start n
//	new ───────────────────────────────▶ running ──ctx ends, or a Run returns──▶ stopping ──▶ done
//	        │ a Start fails, or ctx ends                                            ▲
//	        └───────────────────────────────────────────────────────────────────────┘
//	stopping: cancel Run n, wait for it, Stop n, … cancel Run 1, wait for it, Stop 1
//
// A group waits for its parts as long as they take: a part that may hang bounds its own time.
package lifecycle
