package run

import (
	"context"
	"time"
)

// Call is one exchange to be made. It and what it refers to are valid during Client.Do.
type Call struct {
	N         int64
	Method    string
	URL       string // path with query, escaped, below the target; or absolute
	Header    []Pair // Host and Content-Length are the client's business
	Body      []byte
	Timeout   time.Duration
	Events    int64
	Redirects int
	Login     string    // the header that no other origin may see, beside those that are secret by their names
	Until     time.Time // streams end here, and gRPC calls are cut off; zero: never
	Unsaid    bool      // nobody has said whether answers are streams: one that is ends at its header, with class ErrorStream
}

// Outcome is what came of a call. Clients overwrite all of it.
type Outcome struct {
	Status     int
	Code       string        // in place of Status, for the distribution ("OK" of gRPC); "": the number
	Class      string        // "": no error; the engine classes a status of 400 or more
	Err        error         // why, if Class is set
	Latency    time.Duration // of all of it; true also of failures
	FirstByte  time.Duration // 0: none came
	BytesIn    int64
	BytesOut   int64
	Opened     bool          // a connection was opened for it
	Body       []byte        // its beginning, at most MaxSampleBody, if Status ≥ 400; valid until the next Do
	Stream     bool          // FirstEvent, Events and Gaps count; Latency does not
	FirstEvent time.Duration // 0: none came
	Events     int64
	Gaps       []time.Duration // at most 1024 of them a call, every k-th
	ServerEnd  bool            // the server ended the stream
}

// Target makes clients. NewClient is called before the clock starts, and may wait until its context ends; Close after all clients were
// closed.
type Target interface {
	Mode() Mode
	NewClient(ctx context.Context) (Client, error)
	Close() error
}

// Client makes one exchange after another. Do returns at the latest at call.Timeout, whatever the other side does, and when ctx
// ends; then the class is load.ErrorCancelled. It is for one goroutine at a time.
type Client interface {
	Do(ctx context.Context, call *Call, out *Outcome)
	Close()
}

// Maker makes a Filler for each client.
type Maker interface{ New() Filler }

// Filler sets Method, URL, Header and Body of call n. It is for one goroutine at a time, and allocates nothing if all calls are
// the same.
type Filler interface {
	Fill(n int64, call *Call) error
}

// Opener opens targets of other protocols than HTTP. The maker turns payloads into what its clients send.
type Opener interface {
	Protocol() Protocol
	Opens(path string) bool // by its scheme, such as grpc://
	Open(ctx context.Context, c Config) (Target, Maker, error)
}

// Progress is what a run has come to so far. It is told ten times a second, from one goroutine.
type Progress struct {
	Done, Total int64 // Total 0: by Duration
	Failed      int64
	Events      int64
	Elapsed     time.Duration
	Of          time.Duration // Duration, if it decides
	PerSecond   float64       // over the last second
	P95         time.Duration // so far, of a sample
}

// Store keeps results. Every method returns within two seconds.
type Store interface {
	// Put keeps a result as well as it can: an absent Redis is no error, but said in Kept. It fails if the result is kept nowhere.
	Put(ctx context.Context, r *Result) (Kept, error)
	// Get fails with load.ErrNotFound. The id may be the beginning of one, if it is that of one result only and has 6 characters.
	Get(ctx context.Context, id string) (*Result, error)
	// Recent returns the n results that started last, the newest first. The note says what could not be asked.
	Recent(ctx context.Context, n int) (list []Summary, note string, err error)
	// Last returns the newest completed result with that Config.Key that is not id. It fails with load.ErrNotFound.
	Last(ctx context.Context, key, id string) (*Result, error)
}

// Kept says where a result is.
type Kept struct {
	Redis bool
	File  string // "": in none
	Note  string // what was not stored, for the user; "" if all is well
}

// Login describes the round trip that gets a token for a user. It holds no password.
type Login struct {
	URL         string `json:"url"          yaml:"url"`          // below the target, or absolute
	Method      string `json:"method"       yaml:"method"`       // POST
	ContentType string `json:"content_type" yaml:"content_type"` // application/json; says how {{user}} and {{password}} are escaped
	Body        string `json:"body"         yaml:"body"`         // with {{user}} and {{password}}
	Token       string `json:"token"        yaml:"token"`        // where the token is: a dotted path into the JSON answer …
	Header      string `json:"header"       yaml:"header"`       // … or a header of the answer …
	Cookie      string `json:"cookie"       yaml:"cookie"`       // … or a cookie
	Send        string `json:"send"         yaml:"send"`         // Authorization: Bearer {{token}}
	PasswordEnv string `json:"password_env" yaml:"password_env"` // the variable that holds the password
}
