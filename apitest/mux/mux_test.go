package mux

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/route"
)

// answer writes a text and what middleware said before.
func answer(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s %s %s", text, r.Header["Passed"], r.PathValue("id"))
	}
}

func pass(name string) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Add("Passed", name)
			next.ServeHTTP(w, r)
		})
	}
}

func ask(h http.Handler, method, path string) string {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, path, http.NoBody))
	return w.Body.String()
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	m := New()
	m.HandleFunc("/health/", answer("health"))
	m.Tag("health").HandleFunc("GET /health/deep/{$}", answer("deep"))
	users := m.Tag("users").With(pass("log"), pass("trace"))
	private := users.Auth(pass("user"))
	private.Handle("GET /users/{id}", answer("one"))
	private.Tag("admin").HandleFunc("DELETE /users/{id}", answer("gone"))
	users.HandleFunc("GET /users", answer("all"))
	m.HandleFunc("POST example.com/files/{path...}", answer("files"))

	set, err := m.Routes(t.Context())
	require.NoError(t, err)
	require.Equal(t, route.Set{Source: "ServeMux", Routes: []route.Route{
		{Method: "POST", Path: "/files/{path}", Params: []string{"path"}, Tags: []string{}},
		{Method: "GET", Path: "/health/", Params: []string{}, Tags: []string{}},
		{Method: "GET", Path: "/health/deep/", Params: []string{}, Tags: []string{"health"}},
		{Method: "GET", Path: "/users", Params: []string{}, Tags: []string{"users"}},
		{Method: "DELETE", Path: "/users/{id}", Auth: true, Params: []string{"id"}, Tags: []string{"users", "admin"}},
		{Method: "GET", Path: "/users/{id}", Auth: true, Params: []string{"id"}, Tags: []string{"users"}},
	}}, set)

	require.Equal(t, "health [] ", ask(m, "POST", "/health/x"))
	require.Equal(t, "deep [] ", ask(m, "GET", "/health/deep/"))
	require.Equal(t, "all [log trace] ", ask(m, "GET", "/users"))
	require.Equal(t, "one [log trace user] 7", ask(m, "GET", "/users/7"))
	require.Equal(t, "gone [log trace user] 7", ask(m, "DELETE", "/users/7"))
	require.Equal(t, "Method Not Allowed\n", ask(m, "PUT", "/users/7"))
}

func TestAnEmptyMuxHasAnEmptyList(t *testing.T) {
	t.Parallel()
	set, err := New().Routes(t.Context())
	require.NoError(t, err)
	require.NotNil(t, set.Routes)
	require.Empty(t, set.Routes)
}

func TestPatternsThatServeMuxRefusesAreNotListed(t *testing.T) {
	t.Parallel()
	m := New()
	for _, pattern := range []string{"", "GET", "no slash", "/{", "/{a}/{a}"} {
		require.Panics(t, func() { m.HandleFunc(pattern, answer("")) }, pattern)
	}
	m.HandleFunc("GET /a", answer(""))
	require.Panics(t, func() { m.HandleFunc("GET /a", answer("")) })
	set, err := m.Routes(t.Context())
	require.NoError(t, err)
	require.Len(t, set.Routes, 1)
}
