package socket_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/internal/engine"
	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/socket"
	"github.com/loadpilot/loadpilot/apitest/run"
)

var (
	_ engine.Weaver  = (*socket.Target)(nil)
	_ engine.Quitter = (*inprocess.Target)(nil)
)

// ways are those in which a handler is reached. What comes of a request is the same in all of them.
var ways = map[string]func(tb testing.TB, h http.HandlerFunc, c run.Config, calls run.Maker) run.Result{
	"in-process": func(tb testing.TB, h http.HandlerFunc, c run.Config, calls run.Maker) run.Result {
		tb.Helper()
		r, err := engine.Run(tb.Context(), c, inprocess.New(h), calls, nil)
		require.NoError(tb, err)
		return r
	},
	"strands": func(tb testing.TB, h http.HandlerFunc, c run.Config, calls run.Maker) run.Result {
		tb.Helper()
		c.Target = serve(tb, h)
		return mustLoad(tb, c, calls)
	},
	"goroutines": func(tb testing.TB, h http.HandlerFunc, c run.Config, calls run.Maker) run.Result {
		tb.Helper()
		c.Target = serve(tb, h)
		c.PayloadFunc = func(int64) ([]byte, error) { return nil, nil } // which may block
		return mustLoad(tb, c, calls)
	},
	"HTTP/2": func(tb testing.TB, h http.HandlerFunc, c run.Config, calls run.Maker) run.Result {
		tb.Helper()
		c.Target, c.HTTP2 = serve(tb, h), true
		return mustLoad(tb, c, calls)
	},
}

// shop is a handler of many moods.
func shop(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/silent":
	case "/echo":
		body, _ := io.ReadAll(r.Body)
		w.Write(body)
	case "/created":
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, "made")
	case "/empty":
		w.WriteHeader(http.StatusNoContent)
		if _, err := io.WriteString(w, "no"); err == nil {
			panic("a 204 has no body")
		}
	case "/unchanged":
		w.WriteHeader(http.StatusNotModified)
	case "/chunks":
		for range 3 {
			io.WriteString(w, "abc")
			w.(http.Flusher).Flush()
		}
	case "/large":
		w.Write(make([]byte, 300_000))
	case "/hints":
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusAccepted)
		w.WriteHeader(http.StatusTeapot)
	case "/missing":
		http.NotFound(w, r)
	case "/broken":
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, strings.Repeat("x", 5000))
	case "/short":
		w.Header().Set("Content-Length", "10")
		io.WriteString(w, "half")
	case "/long":
		w.Header().Set("Content-Length", "4")
		io.WriteString(w, "ok")
		if _, err := io.WriteString(w, "more than that"); err == nil {
			panic("what goes beyond the Content-Length is not sent")
		}
	case "/abort":
		panic(http.ErrAbortHandler)
	case "/aborted":
		io.WriteString(w, "half")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	case "/loop":
		http.Redirect(w, r, "/loop", http.StatusFound)
	case "/away":
		w.Header().Set("Location", "http://"+r.Host+"/asked?by=redirect")
		w.WriteHeader(http.StatusTemporaryRedirect)
	default:
		fmt.Fprint(w, r.Method, " ", r.URL, " ", r.Header.Get("X-Tenant"), " ", r.ContentLength)
	}
}

func TestAllWaysAreAlike(t *testing.T) {
	t.Parallel()
	type want struct {
		status, class string
		in            int64
		body          string // of a failure
	}
	large := bytes.Repeat([]byte("0123456789abcdef"), 200_000)
	tests := []struct {
		call constant
		want want
	}{
		{get("/asked?a=b"), want{"200", "", int64(len("GET /asked?a=b  0")), ""}},
		{constant{Method: http.MethodPost, URL: "/asked", Header: []run.Pair{{Name: "x-tenant", Value: "blue"}}, Body: []byte("12345")}, want{"200", "", int64(len("POST /asked blue 5")), ""}},
		{constant{Method: http.MethodHead, URL: "/asked"}, want{"200", "", 0, ""}},
		{constant{Method: http.MethodHead, URL: "/large"}, want{"200", "", 0, ""}},
		{constant{Method: http.MethodPost, URL: "/echo", Body: large}, want{"200", "", int64(len(large)), ""}},
		{get("/silent"), want{"200", "", 0, ""}},
		{get("/created"), want{"201", "", 4, ""}},
		{get("/empty"), want{"204", "", 0, ""}},
		{get("/unchanged"), want{"304", "", 0, ""}},
		{get("/chunks"), want{"200", "", 9, ""}},
		{get("/large"), want{"200", "", 300_000, ""}},
		{get("/hints"), want{"202", "", 0, ""}},
		{get("/missing"), want{"404", "http_404", 19, "404 page not found\n"}},
		{get("/broken"), want{"500", "http_500", 5000, strings.Repeat("x", run.MaxSampleBody) + run.Ellipsis}},
		{get("/short"), want{"", "closed", 0, ""}},
		{get("/long"), want{"", "closed", 0, ""}},
		{get("/abort"), want{"", "closed", 0, ""}},
		{get("/aborted"), want{"", "closed", 0, ""}},
		{get("/loop"), want{"302", "redirect", -1, ""}},
		{get("/away"), want{"200", "", int64(len("GET /asked?by=redirect  0")), ""}},
	}
	for way, load := range ways {
		for _, tt := range tests {
			t.Run(way+" "+tt.call.Method+tt.call.URL, func(t *testing.T) {
				t.Parallel()
				const n = 4
				c := config("", func(c *run.Config) {
					c.Requests, c.Clients, c.InProcess = n, 2, way == "in-process"
					if tt.call.URL == "/loop" || tt.call.URL == "/away" {
						c.Redirects = 3
					}
				})
				r := load(t, shop, c, tt.call)
				statuses, classes := map[string]int64{}, map[string]int64{}
				if tt.want.status != "" {
					statuses[tt.want.status] = n
				}
				if tt.want.class != "" {
					classes[tt.want.class] = n
				}
				require.Equal(t, statuses, r.StatusCodes, "%v", r.Errors)
				require.Equal(t, classes, r.Classes)
				if tt.want.class != "closed" && tt.want.in >= 0 {
					require.Equal(t, n*tt.want.in, r.Metrics.BytesIn)
					require.EqualValues(t, n*len(tt.call.Body), r.Metrics.BytesOut)
				}
				for _, e := range r.Errors {
					require.Equal(t, tt.want.body, e.Body)
					require.NotEmpty(t, e.Message)
				}
			})
		}
	}
}
