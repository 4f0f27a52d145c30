package demo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"
	"github.com/stretchr/testify/require"
)

// requestBodies are what the test sends to the operations that want a body.
var requestBodies = map[string]string{
	"login":            `{"username":"test","password":"secret"}`,
	"createOrder":      `{"product_id":42,"qty":1}`,
	"createOrderShort": `{"item_id":7,"qty":2}`,
}

// Each operation of the document is called as it says, and what the shop answers is what the document promises.
func TestTheShopIsAsDocumented(t *testing.T) {
	t.Parallel()
	shop := New(Config{})
	served := do(t, shop, http.MethodGet, "/openapi.json", "", "")
	require.Equal(t, http.StatusOK, served.Code)
	doc, err := openapi3.NewLoader().LoadFromData(served.Body.Bytes())
	require.NoError(t, err)
	require.NoError(t, doc.Validate(t.Context()))
	router, err := legacy.NewRouter(doc)
	require.NoError(t, err)
	token := login(t, shop)

	operations := 0
	for path, item := range doc.Paths.Map() {
		for method, operation := range item.Operations() {
			operations++
			t.Run(operation.OperationID, func(t *testing.T) {
				t.Parallel()
				url := strings.ReplaceAll(path, "{id}", "42")
				if operation.Security != nil {
					require.Equal(t, http.StatusUnauthorized, do(t, shop, method, url, "", "{}").Code)
				}
				r := httptest.NewRequestWithContext(t.Context(), method, url, strings.NewReader(requestBodies[operation.OperationID]))
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer "+token)
				route, params, err := router.FindRoute(r)
				require.NoError(t, err)
				input := &openapi3filter.RequestValidationInput{
					Request: r, PathParams: params, Route: route,
					Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
				}
				require.NoError(t, openapi3filter.ValidateRequest(t.Context(), input))

				w := httptest.NewRecorder()
				shop.ServeHTTP(w, r)
				require.Less(t, w.Code, 300, w.Body)
				require.NoError(t, openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
					RequestValidationInput: input,
					Status:                 w.Code,
					Header:                 w.Header(),
					Body:                   w.Result().Body,
					Options:                &openapi3filter.Options{IncludeResponseStatus: true},
				}))
			})
		}
	}
	require.Equal(t, 11, operations, "each route of New has its operation")
}
