package chiroutes

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/route"
)

func handle(http.ResponseWriter, *http.Request) {}

// Middleware of the kinds that programs have.

func requireUser(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func logged(next http.Handler) http.Handler { return next }

// requireRole is small: the compiler copies what it returns to where it is called.
func requireRole(role string) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Role") == role {
				next.ServeHTTP(w, r)
			}
		})
	}
}

//go:noinline
func requireScope(scope string) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Scope") == scope {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// tagged is like requireRole, but lets everybody in.
func tagged(tag string) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Tag", tag)
			next.ServeHTTP(w, r)
		})
	}
}

type sessions struct{ name string }

func (s *sessions) require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := r.Cookie(s.name); err == nil {
			next.ServeHTTP(w, r)
		}
	})
}

func (s *sessions) refresh(next http.Handler) http.Handler { return next }

// auth returns the routes as "METHOD path yes|no".
func auth(t *testing.T, r chi.Routes, options ...Option) []string {
	t.Helper()
	set, err := New(r, options...).Routes(t.Context())
	require.NoError(t, err)
	lines := []string{}
	for _, found := range set.Routes {
		lines = append(lines, fmt.Sprintf("%s %s %t", found.Method, found.Path, found.Auth))
	}
	return lines
}

func TestRoutes(t *testing.T) {
	t.Parallel()
	r := chi.NewRouter()
	r.Get("/health/", handle)
	r.Route("/api/v1", func(r chi.Router) {
		r.Get("/users/{id:[0-9]{3}}", handle)
		r.Post("/users", handle)
		r.Handle("/any", http.HandlerFunc(handle))
		r.Delete("/any", func(http.ResponseWriter, *http.Request) {})
		r.Get("/files/*", handle)
	})
	byFirst := Tags(func(_, path string) []string { return []string{strings.Split(path, "/")[1]} })
	set, err := New(r, byFirst).Routes(t.Context())
	require.NoError(t, err)
	require.Equal(t, route.Set{Source: "chi", Routes: []route.Route{
		{Method: "DELETE", Path: "/api/v1/any", Params: []string{}, Tags: []string{"api"}},
		{Method: "GET", Path: "/api/v1/any", Params: []string{}, Tags: []string{"api"}},
		{Method: "GET", Path: "/api/v1/files/{rest}", Params: []string{"rest"}, Tags: []string{"api"}},
		{Method: "POST", Path: "/api/v1/users", Params: []string{}, Tags: []string{"api"}},
		{Method: "GET", Path: "/api/v1/users/{id}", Params: []string{"id"}, Tags: []string{"api"}},
		{Method: "GET", Path: "/health/", Params: []string{}, Tags: []string{"health"}},
	}}, set)

	set, err = New(chi.NewRouter()).Routes(t.Context())
	require.NoError(t, err)
	require.NotNil(t, set.Routes)
	require.Empty(t, set.Routes)
}

func TestAuthIsWhereTheMiddlewareIs(t *testing.T) {
	t.Parallel()
	s := &sessions{name: "session"}
	for name, tc := range map[string]struct{ middleware, named, other Middleware }{
		"a function":          {requireUser, requireUser, logged},
		"a factory":           {requireRole("admin"), requireRole("clerk"), tagged("x")},
		"one that is no copy": {requireScope("read"), requireScope("write"), tagged("x")},
		"a method":            {s.require, s.require, s.refresh},
		"of another value":    {s.require, (&sessions{name: "other"}).require, s.refresh},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := chi.NewRouter()
			r.Use(tc.other)
			r.Get("/open", handle)
			r.With(tc.middleware).Get("/with", handle)
			r.Group(func(r chi.Router) {
				r.Use(tc.middleware)
				r.Get("/group", handle)
				r.Route("/route", func(r chi.Router) { r.Post("/", handle) })
			})
			r.Route("/deep", func(r chi.Router) {
				r.Use(tc.middleware)
				r.Route("/er", func(r chi.Router) { r.Put("/{id}", handle) })
			})
			mounted := chi.NewRouter()
			mounted.Get("/x", handle)
			r.With(tc.middleware).Mount("/mounted", mounted)
			require.Equal(t, []string{
				"PUT /deep/er/{id} true",
				"GET /group true",
				"GET /mounted/x true",
				"GET /open false",
				"POST /route/ true",
				"GET /with true",
			}, auth(t, r, Auth(tc.named)))
			require.NotContains(t, strings.Join(auth(t, r), "\n"), "true")
		})
	}
}
