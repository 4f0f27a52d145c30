// Package apitest loads one route of an HTTP API with the requests of a few clients, and tells how long the answers took and what
// they were. It is for any API, and above all for Go programs that embed it:
//
//	root.AddCommand(apitest.NewCommand(handler, apitest.WithTarget("http://127.0.0.1:8000")))
//
// gives a program the command api-load-test with list, run, recent, results, compare and login. [Service] does the same from code:
//
//	result, err := apitest.NewService().Run(ctx, apitest.Config{
//		Method:     "GET",
//		Path:       "/api/v1/users/{user_id}",
//		PathParams: map[string]string{"user_id": "u-9"},
//		Requests:   200,
//		Clients:    10,
//		InProcess:  true,
//		Handler:    handler,
//	})
//	fmt.Println(result.Metrics.LatencyMsP95)
//
// Requests travel over connections to a server, or in-process: then the handler is called, which needs no server and leaves the
// network out. Figures of the two are never compared.
//
// A run is a closed loop: each client sends its next request when the answer to the last one has come. With [Config.Rate] requests
// are due at fixed instants instead, and latency counts from there.
package apitest
