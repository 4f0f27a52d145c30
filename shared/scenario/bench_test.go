package scenario

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// instantClient answers at once with what a small API would.
type instantClient struct{ answer Response }

func (c *instantClient) Do(context.Context, *Request) *Response { return &c.answer }

func (c *instantClient) Batch(_ context.Context, reqs []*Request) []*Response {
	out := make([]*Response, len(reqs))
	for i := range out {
		out[i] = &c.answer
	}
	return out
}

func (c *instantClient) Measure(Measure) {}

func BenchmarkRun(b *testing.B) {
	const script = prelude + `
@scenario
class Shop(VUser):
    def on_start(self, client): self.token = "secret"
    def _auth(self): return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}

    @task
    def a_ready(self, client): client.get("/api/products/42", headers=self._auth())

    @task
    def b_ready_check(self, client): client.get("/api/products/42", headers=self._auth())
    def check_b_ready_check(self, status_code, body): assert status_code == 200

    @task
    def c_interpreted(self, client): client.get(f"/api/products/{len(self.token)}", headers=self._auth())

    @task
    def d_interpreted_check(self, client): client.get(f"/api/products/{len(self.token)}", headers=self._auth())
    def check_d_interpreted_check(self, status_code, body):
        assert status_code == 200
        assert isinstance(body, dict)
        assert body["id"] == 42
        assert body["stock"] > 0
`
	p, err := Compile(b.Context(), "script.py", []byte(script), Options{})
	require.NoError(b, err)
	plan, err := p.Plan("")
	require.NoError(b, err)
	r, err := p.NewRunner(b.Context(), plan, Options{})
	require.NoError(b, err)
	client := &instantClient{Response{
		Status: http.StatusOK,
		Body:   []byte(`{"id": 42, "name": "A red mug", "price": 12.5, "stock": 17, "tags": ["kitchen", "red"], "rating": {"stars": 4.5, "votes": 120}}`),
	}}
	for i, t := range plan.Tasks {
		b.Run(t.Name, func(b *testing.B) {
			u := r.NewUser()
			if got := u.Start(b.Context(), client); got.Failed {
				b.Fatal(got.Message)
			}
			b.ReportAllocs()
			for k := range int64(b.N) {
				if got := u.Run(b.Context(), k, i, client); got.Failed {
					b.Fatal(got.Message)
				}
			}
		})
	}
}
