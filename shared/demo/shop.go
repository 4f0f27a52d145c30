package demo

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

//go:embed openapi.json
var openAPI []byte

// maxBody bounds what a request may send, in bytes.
const maxBody = 64 << 10

// defaultList is how many products a list without a limit has.
const defaultList = 20

// Shop answers the API that openapi.json describes. It is safe for concurrent use.
type Shop struct {
	mux      *http.ServeMux
	faults   faults
	tokens   signer
	bodies   *bodies
	requests atomic.Uint64 // arrived; the number of a request decides its latency and whether it fails
	orders   atomic.Uint64 // accepted
}

// New returns a shop whose clock starts now. The configuration must be valid.
func New(cfg Config) *Shop {
	s := &Shop{
		mux:    http.NewServeMux(),
		faults: faults{cfg: cfg, start: time.Now()},
		tokens: newSigner(cfg.Seed),
		bodies: newBodies(),
	}
	order := latency{18 * time.Millisecond, 0.5}
	cart := latency{6 * time.Millisecond, 0.4}
	s.handle("GET /health", latency{300 * time.Microsecond, 0.2}, s.health)
	s.handle("GET /openapi.json", latency{time.Millisecond, 0.2}, s.openAPI)
	s.handle("POST /auth/login", latency{25 * time.Millisecond, 0.3}, s.login)
	s.handle("GET /api/products", latency{8 * time.Millisecond, 0.4}, s.listProducts)
	s.handle("GET /api/products/{id}", latency{5 * time.Millisecond, 0.4}, s.product)
	s.handle("GET /api/user", latency{4 * time.Millisecond, 0.4}, s.authorized(s.user))
	s.handle("GET /api/cart", cart, s.authorized(s.cart))
	s.handle("GET /cart", cart, s.authorized(s.cart))
	s.handle("GET /api/orders", latency{12 * time.Millisecond, 0.4}, s.authorized(s.listOrders))
	s.handle("POST /api/orders", order, s.authorized(s.createOrder))
	s.handle("POST /orders", order, s.authorized(s.createOrder))
	return s
}

// ServeHTTP answers one request.
func (s *Shop) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// handle routes a pattern to its answer, behind the endpoint's latency and the faults.
func (s *Shop) handle(pattern string, l latency, answer http.HandlerFunc) {
	cfg := s.faults.cfg
	latencies := l.samples(cfg.Seed, cfg.LatencyScale)
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		if s.faults.inject(w, r, s.requests.Add(1)-1, latencies) {
			answer(w, r)
		}
	})
}

// authorized lets requests with a token of ours pass, with the name of their user.
func (s *Shop) authorized(answer func(http.ResponseWriter, *http.Request, string)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, ok := s.tokens.user(r.Header.Get("Authorization"))
		if !ok {
			w.Header().Set("WWW-Authenticate", "Bearer")
			writeError(w, http.StatusUnauthorized, "log in at /auth/login and send its access_token as a bearer token")
			return
		}
		answer(w, r, user)
	}
}

func (s *Shop) health(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, []byte(`{"status":"ok"}`))
}

func (s *Shop) openAPI(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, openAPI)
}

func (s *Shop) login(w http.ResponseWriter, r *http.Request) {
	var credentials struct{ Username, Password string }
	if !readJSON(w, r, &credentials) {
		return
	}
	if credentials.Username == "" || credentials.Password == "" {
		writeError(w, http.StatusUnauthorized, "username and password must not be empty")
		return
	}
	token := s.tokens.issue(credentials.Username)
	writeJSON(w, http.StatusOK, fmt.Appendf(nil, `{"access_token":%q,"token_type":"bearer"}`, token))
}

func (s *Shop) listProducts(w http.ResponseWriter, r *http.Request) {
	limit := defaultList
	if r.URL.RawQuery != "" {
		if asked := r.URL.Query().Get("limit"); asked != "" {
			n, err := strconv.Atoi(asked)
			if err != nil || n < 1 || n > products {
				writeError(w, http.StatusBadRequest, "limit must be from 1 to "+strconv.Itoa(products))
				return
			}
			limit = n
		}
	}
	writeJSON(w, http.StatusOK, s.bodies.list(limit), []byte{']'})
}

func (s *Shop) product(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil || id < 1 || id > products {
		writeError(w, http.StatusNotFound, "no such product")
		return
	}
	writeJSON(w, http.StatusOK, s.bodies.product[id-1])
}

func (s *Shop) user(w http.ResponseWriter, _ *http.Request, user string) {
	writeJSON(w, http.StatusOK, mustMarshal(struct {
		Username string `json:"username"`
		Email    string `json:"email"`
	}{user, user + "@shop.example"}))
}

func (s *Shop) cart(w http.ResponseWriter, _ *http.Request, _ string) {
	writeJSON(w, http.StatusOK, s.bodies.cart)
}

func (s *Shop) listOrders(w http.ResponseWriter, _ *http.Request, _ string) {
	writeJSON(w, http.StatusOK, s.bodies.orders)
}

// createOrder takes a product by product_id, or by the item_id that the cart shows.
func (s *Shop) createOrder(w http.ResponseWriter, r *http.Request, _ string) {
	wanted := struct {
		ProductID int `json:"product_id"`
		ItemID    int `json:"item_id"`
		Qty       int `json:"qty"`
	}{Qty: 1}
	if !readJSON(w, r, &wanted) {
		return
	}
	id := max(wanted.ProductID, wanted.ItemID)
	if id < 1 || id > products || wanted.Qty < 1 {
		writeError(w, http.StatusUnprocessableEntity, "order a product_id or item_id of the shop, and a qty of at least 1")
		return
	}
	writeJSON(w, http.StatusCreated,
		fmt.Appendf(nil, `{"id":%d,"status":"accepted","product_id":%d,"qty":%d}`, s.orders.Add(1), id, wanted.Qty))
}

// readJSON decodes the body into value and reports whether it could; when not, the response is already written.
func readJSON(w http.ResponseWriter, r *http.Request, value any) bool {
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(value); err != nil {
		writeError(w, http.StatusBadRequest, "the body must be JSON as /openapi.json describes it")
		return false
	}
	return true
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, mustMarshal(map[string]string{"error": message}))
}

// writeJSON sends the parts as one body. A client that has gone is of no interest to a shop.
func writeJSON(w http.ResponseWriter, status int, parts ...[]byte) {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	header := w.Header()
	header["Content-Type"] = []string{"application/json"}
	header["Content-Length"] = []string{strconv.Itoa(length)}
	w.WriteHeader(status)
	for _, part := range parts {
		_, _ = w.Write(part)
	}
}
