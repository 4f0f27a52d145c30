package scenario

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/demo"
	"github.com/loadpilot/loadpilot/shared/load"
)

// httpClient sends requests to a real server.
type httpClient struct{ target string }

func (c httpClient) Do(ctx context.Context, req *Request) *Response {
	start := time.Now()
	r, err := http.NewRequestWithContext(ctx, req.Method, c.target+req.URL, bytes.NewReader(req.Body))
	if err != nil {
		return &Response{Err: err, Class: load.ErrorRequest}
	}
	for _, f := range req.Header {
		r.Header.Add(f.Name, f.Value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return &Response{Err: err, Class: load.ErrorConnect}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return &Response{Err: err, Class: load.ErrorClosed}
	}
	header := func(yield func(string, string) bool) {
		for name, values := range resp.Header {
			for _, v := range values {
				if !yield(name, v) {
					return
				}
			}
		}
	}
	return &Response{Status: resp.StatusCode, Body: body, Header: header, Elapsed: time.Since(start)}
}

func (c httpClient) Batch(ctx context.Context, reqs []*Request) []*Response {
	out := make([]*Response, len(reqs))
	var wg sync.WaitGroup
	for i, req := range reqs {
		wg.Go(func() { out[i] = c.Do(ctx, req) })
	}
	wg.Wait()
	return out
}

func (httpClient) Measure(Measure) {}

// TestFilesRun runs each task of the files that come with LoadPilot, and of those in the
// documents, against the demo shop.
func TestFilesRun(t *testing.T) {
	t.Parallel()
	shop := httptest.NewServer(withMethods(demo.New(demo.Config{})))
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		shop.Close()
	})
	var files []string
	for _, pattern := range []string{"testdata/docs/*.py", "../../scenarios/*.py"} {
		found, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, found)
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			data, err := ReadData(filepath.Base(file), source, os.DirFS(filepath.Dir(file)))
			require.NoError(t, err)
			p, err := Compile(t.Context(), filepath.Base(file), source, Options{Files: data})
			require.NoError(t, err)
			for _, name := range p.Names() {
				runAll(t, p, name, httpClient{shop.URL})
			}
		})
	}
}

// withMethods lets /health answer every method, and any path JSON.
func withMethods(shop http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/health" {
			r.Method = http.MethodGet
		}
		shop.ServeHTTP(w, r)
	})
}

func runAll(t *testing.T, p *Program, name string, client Client) {
	t.Helper()
	plan, err := p.Plan(name)
	require.NoError(t, err)
	r, err := p.NewRunner(t.Context(), plan, Options{})
	require.NoError(t, err)
	u := r.NewUser()
	require.Equal(t, Outcome{}, u.Start(t.Context(), client))
	for i := range plan.Tasks {
		for k := range int64(3) {
			got := u.Run(t.Context(), k, i, client)
			require.False(t, got.Failed, "%s.%s: %s", name, plan.Tasks[i].Name, got.Message)
		}
	}
	require.Equal(t, Outcome{}, u.Stop(t.Context(), client))
}
