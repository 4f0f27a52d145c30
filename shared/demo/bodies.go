package demo

import (
	"encoding/json"
	"fmt"
	"math"
)

// products in the catalogue; their ids are 1 to products.
const products = 100

type product struct {
	ID    int     `json:"id"`
	Name  string  `json:"name"`
	Price float64 `json:"price"`
	Stock int     `json:"stock"`
}

type cartItem struct {
	ID    int     `json:"id"`
	Name  string  `json:"name"`
	Qty   int     `json:"qty"`
	Price float64 `json:"price"`
}

type order struct {
	ID     uint64  `json:"id"`
	Status string  `json:"status"`
	Total  float64 `json:"total"`
}

// bodies are the answers that are the same for everybody.
type bodies struct {
	product [products][]byte
	// catalogue is the JSON array of all products, and cut[n] where its first n end: a shorter list is a prefix of it.
	catalogue []byte
	cut       [products + 1]int
	cart      []byte
	orders    []byte
}

func newBodies() *bodies {
	all := makeProducts()
	b := &bodies{catalogue: []byte{'['}}
	for i, p := range all {
		if i > 0 {
			b.catalogue = append(b.catalogue, ',')
		}
		b.product[i] = mustMarshal(p)
		b.catalogue = append(b.catalogue, b.product[i]...)
		b.cut[i+1] = len(b.catalogue)
	}
	b.cut[0] = 1

	items := make([]cartItem, 3)
	total := 0.0
	for i := range items {
		p := all[i*i*7]
		items[i] = cartItem{ID: p.ID, Name: p.Name, Qty: i + 1, Price: p.Price}
		total += p.Price * float64(items[i].Qty)
	}
	total = math.Round(total*100) / 100
	b.cart = mustMarshal(map[string]any{"items": items, "total": total})
	b.orders = mustMarshal([]order{
		{ID: 3, Status: "accepted", Total: all[41].Price},
		{ID: 2, Status: "shipped", Total: all[6].Price},
		{ID: 1, Status: "delivered", Total: total},
	})
	return b
}

// list is the JSON array of the first n products, without its closing bracket.
func (b *bodies) list(n int) []byte { return b.catalogue[:b.cut[n]] }

func makeProducts() []product {
	colours := [...]string{"red", "blue", "green", "black", "white", "grey", "orange", "violet", "yellow", "brown"}
	things := [...]string{"mug", "lamp", "chair", "bag", "shirt", "clock", "bottle", "blanket", "notebook", "umbrella"}
	all := make([]product, products)
	for i := range all {
		all[i] = product{
			ID:    i + 1,
			Name:  colours[i%len(colours)] + " " + things[i/len(colours)],
			Price: float64(499+i*37%5000) / 100,
			Stock: 10 + i*13%90,
		}
	}
	return all
}

// mustMarshal encodes values of this package, whose types JSON can express.
func mustMarshal(value any) []byte {
	body, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("demo: encode %T: %v", value, err))
	}
	return body
}
