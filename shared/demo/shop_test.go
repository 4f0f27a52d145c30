package demo

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// do sends one request to the shop, with a token when it is not empty.
func do(tb testing.TB, shop *Shop, method, path, token, body string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	shop.ServeHTTP(w, r)
	return w
}

func login(tb testing.TB, shop *Shop) string {
	tb.Helper()
	w := do(tb, shop, http.MethodPost, "/auth/login", "", `{"username":"test","password":"secret"}`)
	require.Equal(tb, http.StatusOK, w.Code)
	var token struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
	}
	require.NoError(tb, json.Unmarshal(w.Body.Bytes(), &token))
	require.Equal(tb, "bearer", token.TokenType)
	return token.AccessToken
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	shop := New(Config{})
	token := login(t, shop)
	for _, tc := range []struct {
		name, method, path, token, body string
		status                          int
		contains                        string
	}{
		{"health", "GET", "/health", "", "", 200, `"ok"`},
		{"empty password", "POST", "/auth/login", "", `{"username":"test"}`, 401, "password"},
		{"login without JSON", "POST", "/auth/login", "", `username=test`, 400, "JSON"},
		{"oversized login", "POST", "/auth/login", "", `{"username":"` + strings.Repeat("x", maxBody) + `"}`, 400, "JSON"},
		{"user", "GET", "/api/user", token, "", 200, `"username":"test"`},
		{"user without token", "GET", "/api/user", "", "", 401, "/auth/login"},
		{"user with a foreign token", "GET", "/api/user", New(Config{Seed: 1}).tokens.issue("test"), "", 401, "/auth/login"},
		{"user with a torn token", "GET", "/api/user", token[:len(token)-1], "", 401, "/auth/login"},
		{"products", "GET", "/api/products", "", "", 200, `[{"id":1,`},
		{"too many products", "GET", "/api/products?limit=101", "", "", 400, "1 to 100"},
		{"product", "GET", "/api/products/42", "", "", 200, `{"id":42,`},
		{"unknown product", "GET", "/api/products/101", "", "", 404, "no such"},
		{"cart", "GET", "/api/cart", token, "", 200, `{"items":[{"id":1,`},
		{"short cart", "GET", "/cart", token, "", 200, `{"items":[{"id":1,`},
		{"cart without token", "GET", "/cart", "", "", 401, "/auth/login"},
		{"orders", "GET", "/api/orders", token, "", 200, `"delivered"`},
		{"order", "POST", "/api/orders", token, `{"product_id":42,"qty":1}`, 201, `"product_id":42`},
		{"order of a cart's item", "POST", "/orders", token, `{"item_id":1}`, 201, `"qty":1`},
		{"order without token", "POST", "/orders", "", `{"item_id":1}`, 401, "/auth/login"},
		{"order of nothing", "POST", "/orders", token, `{}`, 422, "product_id"},
		{"order of none", "POST", "/orders", token, `{"item_id":1,"qty":0}`, 422, "qty"},
		{"unknown path", "GET", "/nowhere", "", "", 404, ""},
		{"unknown method", "DELETE", "/health", "", "", 405, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := do(t, shop, tc.method, tc.path, tc.token, tc.body)
			require.Equal(t, tc.status, w.Code, w.Body)
			require.Contains(t, w.Body.String(), tc.contains)
		})
	}
}

func TestListHasAsManyProductsAsAsked(t *testing.T) {
	t.Parallel()
	shop := New(Config{})
	for query, want := range map[string]int{"": 20, "?limit=1": 1, "?limit=50": 50, "?limit=100": 100} {
		w := do(t, shop, http.MethodGet, "/api/products"+query, "", "")
		var list []product
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &list))
		require.Len(t, list, want)
		for i, p := range list {
			require.Equal(t, i+1, p.ID)
		}
	}
}

func TestOrdersAreNumbered(t *testing.T) {
	t.Parallel()
	shop := New(Config{})
	token := login(t, shop)
	for _, want := range []string{`{"id":1,`, `{"id":2,`, `{"id":3,`} {
		require.Contains(t, do(t, shop, http.MethodPost, "/orders", token, `{"item_id":7}`).Body.String(), want)
	}
}

func BenchmarkProducts(b *testing.B) {
	shop := New(Config{})
	r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/products", http.NoBody)
	b.ReportAllocs()
	for b.Loop() {
		shop.ServeHTTP(discard{http.Header{}}, r)
	}
}

// discard is a client that reads nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return io.Discard.Write(p) }
func (d discard) WriteHeader(int)             {}
