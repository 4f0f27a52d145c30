package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

// eventInterval is how far apart the events of the worker are.
const eventInterval = 10 * time.Millisecond

// app answers the API. It keeps nothing but a counter, so that load tests can be repeated.
type app struct {
	tokens   tokens
	enqueued atomic.Int64
}

// reply sends a value as JSON.
func reply(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a client that has gone is of no interest
}

type object map[string]any

// read decodes the body into value and reports whether it could; when not, the response is already written.
func read(w http.ResponseWriter, r *http.Request, value any) bool {
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(value)
	if err != nil {
		reply(w, http.StatusBadRequest, object{"error": "the body is not JSON as it should be"})
	}
	return err == nil
}

// currentActiveUser lets requests of users who are logged in pass. The routes that it stands before are listed with AUTH yes.
func (a *app) currentActiveUser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, ok := a.tokens.user(r.Header.Get("Authorization"))
		if !ok {
			w.Header().Set("WWW-Authenticate", "Bearer")
			reply(w, http.StatusUnauthorized, object{"error": "log in at /api/v1/auth/login"})
			return
		}
		r.SetPathValue("current_user", name)
		next.ServeHTTP(w, r)
	})
}

func (a *app) login(w http.ResponseWriter, r *http.Request) {
	var form struct{ Username, Password string }
	switch {
	case !read(w, r, &form):
	case form.Username == "" || form.Password == "" || form.Password != a.tokens.password:
		reply(w, http.StatusUnauthorized, object{"error": "wrong user or password"})
	default:
		reply(w, http.StatusOK, object{"access_token": a.tokens.issue(form.Username), "token_type": "bearer"})
	}
}

func (a *app) enqueue(w http.ResponseWriter, r *http.Request) {
	var task struct{ Queue, Task string }
	switch {
	case !read(w, r, &task):
	case task.Queue == "" || task.Task == "":
		reply(w, http.StatusUnprocessableEntity, object{"error": "queue and task are required"})
	default:
		id := fmt.Sprintf("task-%d", a.enqueued.Add(1))
		reply(w, http.StatusAccepted, object{"task_id": id, "queue": task.Queue, "task": task.Task})
	}
}

// workerEvents sends what the worker does until the client leaves.
func (a *app) workerEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	flush := http.NewResponseController(w)
	tick := time.NewTicker(eventInterval)
	defer tick.Stop()
	for id := 1; ; id++ {
		_, err := fmt.Fprintf(w, "id: %d\nevent: heartbeat\ndata: {\"enqueued\": %d}\n\n", id, a.enqueued.Load())
		if err != nil || flush.Flush() != nil {
			return
		}
		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// echo sends back each message until the client leaves.
func (a *app) echo(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, nil)
	if err != nil {
		return // Accept has answered
	}
	defer func() { _ = conn.CloseNow() }() // after an orderly end it is closed already
	for {
		kind, message, err := conn.Read(r.Context())
		if err != nil {
			return
		}
		if err := conn.Write(r.Context(), kind, message); err != nil {
			return
		}
	}
}

func (a *app) health(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, object{"status": "healthy"})
}

func (a *app) me(w http.ResponseWriter, r *http.Request) {
	reply(w, http.StatusOK, object{"email": r.PathValue("current_user"), "active": true})
}

// with answers with a status and the path parameter of that name, as far as there is one.
func with(status int, name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer := object{"status": "ok"}
		if name != "" {
			answer[name] = r.PathValue(name)
		}
		reply(w, status, answer)
	}
}
