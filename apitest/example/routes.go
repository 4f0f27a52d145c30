package main

import (
	"net/http"

	"github.com/loadpilot/loadpilot/apitest/mux"
)

// newApp returns the API. Every user has the same password; without one nobody can log in.
func newApp(password string) *app {
	return &app{tokens: tokens{password: password, key: []byte("example " + password)}}
}

// routes returns the handler of the API. It knows what is registered, which `api-load-test list` shows.
func (a *app) routes() *mux.Mux {
	m := mux.New()

	health := m.Tag("health")
	health.HandleFunc("GET /health/{$}", a.health)
	health.HandleFunc("GET /health/detailed", a.health)

	auth := m.Tag("auth")
	auth.HandleFunc("POST /api/v1/auth/login", a.login)
	auth.Auth(a.currentActiveUser).HandleFunc("POST /api/v1/auth/logout", with(http.StatusOK, ""))

	users := m.Tag("users")
	users.HandleFunc("GET /api/v1/users/{user_id}", with(http.StatusOK, "user_id"))
	active := users.Auth(a.currentActiveUser)
	active.HandleFunc("GET /api/v1/users/me", a.me)
	active.HandleFunc("PATCH /api/v1/users/me", a.me)
	active.HandleFunc("GET /api/v1/users", with(http.StatusOK, ""))
	active.HandleFunc("DELETE /api/v1/users/{user_id}", with(http.StatusOK, "user_id"))

	worker := m.Tag("worker")
	worker.HandleFunc("GET /api/v1/tasks", with(http.StatusOK, ""))
	worker.HandleFunc("POST /api/v1/tasks/enqueue", a.enqueue)
	worker.HandleFunc("GET /api/v1/tasks/status/{task_id}", with(http.StatusOK, "task_id"))
	worker.HandleFunc("GET /api/v1/tasks/result/{task_id}", with(http.StatusOK, "task_id"))
	worker.Auth(a.currentActiveUser).HandleFunc("DELETE /api/v1/tasks/{task_id}", with(http.StatusOK, "task_id"))
	worker.HandleFunc("GET /api/v1/queues", with(http.StatusOK, ""))

	items := m.Tag("items")
	items.HandleFunc("GET /api/v1/items", with(http.StatusOK, ""))
	items.HandleFunc("POST /api/v1/items", with(http.StatusCreated, ""))
	items.HandleFunc("GET /api/v1/items/{item_id}", with(http.StatusOK, "item_id"))
	items.HandleFunc("PUT /api/v1/items/{item_id}", with(http.StatusOK, "item_id"))

	events := m.Tag("events")
	events.HandleFunc("GET /events/worker/stream", a.workerEvents)
	events.HandleFunc("GET /ws/echo", a.echo)
	return m
}
