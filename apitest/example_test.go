package apitest_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/loadpilot/loadpilot/apitest"
)

func ExampleService_Run() {
	app := http.NewServeMux()
	app.HandleFunc("GET /api/v1/users/{user_id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, `{"id": %q}`, r.PathValue("user_id"))
	})

	service := apitest.NewService(apitest.WithHandler(app))
	result, err := service.Run(context.Background(), apitest.Config{
		Method:     "GET",
		Path:       "/api/v1/users/{user_id}",
		PathParams: map[string]string{"user_id": "u-9"},
		Requests:   200,
		Clients:    10,
		InProcess:  true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Mode, result.StatusCodes["200"], result.Metrics.LatencyMsP95 > 0)
	// Output: in-process 200 true
}
