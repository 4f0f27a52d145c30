package web

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
)

// Report writes a result, as the API returns it, as one HTML file that opens without a network. It takes the outcome of a
// search for the capacity as well. It fails if that is no JSON object, and with the error of w.
func Report(w io.Writer, result []byte) error {
	var head struct {
		Scenario string `json:"scenario"`
	}
	if err := json.Unmarshal(result, &head); err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	var compact, data bytes.Buffer
	if err := json.Compact(&compact, result); err != nil {
		return fmt.Errorf("read the result: %w", err)
	}
	json.HTMLEscape(&data, compact.Bytes()) // so that no text of a script ends the element that holds it

	style := read("uplot.css") + read("view.css")
	charts, view := read("uplot.js"), read("view.js")
	_, err := fmt.Fprintf(w, `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src %s; script-src %s %s; img-src data:">
<title>%s – LoadPilot</title>
<link rel="icon" href="data:,">
<style>%s</style>
<main id="report"></main>
<script type="application/json" id="result">%s</script>
<script>%s</script>
<script>%s</script>
</html>
`, digest(style), digest(charts), digest(view), html.EscapeString(cmp.Or(head.Scenario, "Capacity")), style, data.Bytes(), charts, view)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func read(name string) string {
	text, _ := assets.ReadFile("assets/" + name) // embedded
	return string(text)
}

// digest names a script or style of the page in its policy: no other one runs.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}
