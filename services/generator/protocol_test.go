package generator

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/shared/load"
)

// travels does what scripts do with their client.
const travels = `
    @task
    def t(self, client):
        assert client.get("/").http_version == %q
        r = client.get("/start", follow_redirects=True)
        assert [h.status_code for h in r.history] == [302] and r.json() == {"cookie": "id=7"}, r.text
        assert client.cookies["id"] == "7" and r.headers["Content-Type"] == "application/json"
        packed = client.get("/gzip")
        assert packed.text == "x" * 10_000 and packed.headers["content-encoding"] == "gzip"
        assert client.post("/echo", json={"a": 1}).json() == {"a": 1}
        assert [r.text for r in client.batch([{"method": "POST", "path": "/echo", "data": str(i)} for i in range(5)])] == list("01234")
        try:
            client.get("/reset")
            assert False
        except httpx.ReadError: pass
        try:
            client.get("/silent", timeout=0.1)
            assert False
        except httpx.ReadTimeout: pass
        assert client.get("/missing").status_code == 404`

// Scripts see the same over every protocol, but for its version.
func TestScriptsOverEveryProtocol(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"HTTP/1.1", "HTTP/2"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			url, seen := serveShop(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/start":
					http.SetCookie(w, &http.Cookie{Name: "id", Value: "7"})
					http.Redirect(w, r, "/end", http.StatusFound)
				case "/end":
					w.Header().Set("Content-Type", "application/json")
					fmt.Fprintf(w, "{%q: %q}", "cookie", r.Header.Get("Cookie"))
				case "/gzip":
					w.Header().Set("Content-Encoding", "gzip")
					z := gzip.NewWriter(w)
					for range 10_000 {
						io.WriteString(z, "x")
					}
					z.Close()
				case "/echo":
					io.Copy(w, r.Body)
				case "/reset":
					panic(http.ErrAbortHandler)
				case "/silent":
					<-r.Context().Done()
				case "/missing":
					http.NotFound(w, r)
				}
			})
			s := newStage(t, url, fmt.Sprintf(travels, version), func(cfg *httpdriver.Config) { cfg.Transport.HTTP2 = version == "HTTP/2" })
			samples := s.iterate(0, 0)
			require.Len(t, samples, 13)
			require.Len(t, seen.all(), 13)
			var classes []string
			for _, e := range s.crew.recorder.drainExamples() {
				classes = append(classes, e.Class)
			}
			slices.Sort(classes)
			require.Equal(t, []string{load.ErrorClosed, "http_404", load.ErrorTimeout}, classes)
			require.Less(t, samples[3].in, uint32(1000), "what is on the wire counts")
		})
	}
}
