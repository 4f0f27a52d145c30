package gateway

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"mime"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// exercise holds every exchange with a gateway against the gateway's own document, and keeps account of what of the document
// was exercised: each status of each operation, each parameter, each field of each body.
type exercise struct {
	t    *testing.T
	doc  *openapi3.T
	seen map[string]bool
}

// documented is an operation of the document.
type documented struct {
	*openapi3.Operation

	method, path string
}

func (e *exercise) operations() []documented {
	var out []documented
	for _, path := range e.doc.Paths.InMatchingOrder() {
		for method, op := range e.doc.Paths.Value(path).Operations() {
			out = append(out, documented{op, method, path})
		}
	}
	return out
}

var inBraces = regexp.MustCompile(`\\\{\w+\\\}`)

// find returns the operation that a request is of.
func (e *exercise) find(method string, u *url.URL) documented {
	e.t.Helper()
	for _, op := range e.operations() {
		pattern := "^" + inBraces.ReplaceAllString(regexp.QuoteMeta(op.path), "[^/]+") + "$"
		if op.method == method && regexp.MustCompile(pattern).MatchString(u.Path) {
			return op
		}
	}
	e.t.Fatalf("the document has no %s %s", method, u.Path)
	return documented{}
}

// expected lists all that there is to exercise.
func (e *exercise) expected() map[string]bool {
	all := map[string]bool{}
	for _, op := range e.operations() {
		for status := range op.Responses.Map() {
			all[op.OperationID+" "+status] = true
		}
		for _, p := range op.Parameters {
			all[op.OperationID+" "+p.Value.In+" "+p.Value.Name] = true
		}
		if op.RequestBody != nil {
			for media := range op.RequestBody.Value.Content {
				all[op.OperationID+" body "+media] = true
			}
		}
	}
	for name, schema := range e.doc.Components.Schemas {
		for property := range schema.Value.Properties {
			all[name+"."+property] = true
		}
	}
	return all
}

// do makes a request whose answer must have a status, and checks both against the document.
func (e *exercise) do(f *fixture, want int, method, target, body string, header ...string) answer {
	e.t.Helper()
	a := f.do(method, target, strings.NewReader(body), header...)
	e.check(want, method, target, body, header, a)
	return a
}

func (e *exercise) check(want int, method, target, body string, header []string, a answer) {
	e.t.Helper()
	require.Equal(e.t, want, a.status, "%s %s %s\n%s", method, target, body, a.body)
	u, err := url.Parse(target)
	require.NoError(e.t, err)
	op := e.find(method, u)
	response := op.Responses.Value(strconv.Itoa(want))
	require.NotNil(e.t, response, "%s: %d is not in the document", op.OperationID, want)
	e.seen[op.OperationID+" "+strconv.Itoa(want)] = true
	if want < 300 {
		e.checkRequest(op, u, body, header)
	}

	media, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	require.NoError(e.t, err)
	content := response.Value.Content[media]
	require.NotNil(e.t, content, "%s: %d as %s is not in the document", op.OperationID, want, media)
	for _, message := range messages(e.t, media, a.body) {
		require.NoError(e.t, content.Schema.Value.VisitJSON(message), "%s %s: %s", method, target, a.body)
		e.walk(content.Schema, message)
	}
}

// checkRequest takes note of the parameters and fields of a request that was accepted.
func (e *exercise) checkRequest(op documented, u *url.URL, body string, header []string) {
	e.t.Helper()
	for _, p := range op.Parameters {
		sent := p.Value.In == "path" || u.Query().Has(p.Value.Name)
		for pair := range slices.Chunk(header, 2) {
			sent = sent || pair[0] == p.Value.Name
		}
		if sent {
			e.seen[op.OperationID+" "+p.Value.In+" "+p.Value.Name] = true
		}
	}
	if op.RequestBody == nil {
		return
	}
	if !strings.HasPrefix(body, "{") {
		e.seen[op.OperationID+" body multipart/form-data"] = true
		return
	}
	e.seen[op.OperationID+" body application/json"] = true
	schema := op.RequestBody.Value.Content["application/json"].Schema
	var value any
	require.NoError(e.t, json.Unmarshal([]byte(body), &value))
	require.NoError(e.t, schema.Value.VisitJSON(value, openapi3.VisitAsRequest()), body)
	e.walk(schema, value)
}

// messages takes an answer apart.
func messages(t *testing.T, media string, body []byte) []any {
	t.Helper()
	var texts [][]byte
	switch media {
	case "text/html":
		return []any{string(body)}
	case "text/event-stream", ndjson:
		for line := range bytes.Lines(body) {
			line = bytes.TrimPrefix(line, []byte("data: "))
			if bytes.HasPrefix(line, []byte("{")) {
				texts = append(texts, line)
			}
		}
	default:
		texts = append(texts, body)
	}
	var out []any
	for _, text := range texts {
		var v any
		require.NoError(t, json.Unmarshal(text, &v), "%s", text)
		out = append(out, v)
	}
	return out
}

// walk takes note of the fields of a valid value.
func (e *exercise) walk(ref *openapi3.SchemaRef, value any) {
	for _, one := range ref.Value.OneOf {
		if one.Value.VisitJSON(value) == nil {
			e.walk(one, value)
		}
	}
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			if property := ref.Value.Properties[name]; property != nil {
				e.seen[ref.Ref[strings.LastIndexByte(ref.Ref, '/')+1:]+"."+name] = true
				e.walk(property, member)
			} else if others := ref.Value.AdditionalProperties.Schema; others != nil {
				e.walk(others, member)
			}
		}
	case []any:
		for _, element := range v {
			e.walk(ref.Value.Items, element)
		}
	}
}

// full returns a value in which nothing is zero.
func full[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem())
	return v
}

func fill(v reflect.Value) {
	switch at := v.Addr().Interface().(type) {
	case *time.Time:
		*at = noon
		return
	case *[]load.MeasureResult: // which have fields by their kinds
		for _, kind := range []load.MeasureKind{load.MeasureCounter, load.MeasureEvent, load.MeasureGauge, load.MeasureRequest} {
			m := load.MeasureResult{Name: "x"}
			for i := 2; i < reflect.TypeOf(m).NumField(); i++ {
				fill(reflect.ValueOf(&m).Elem().Field(i))
			}
			m.Kind = kind
			*at = append(*at, m)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			fill(field)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		fill(element)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("x").Convert(v.Type().Key()), element)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Float64:
		v.SetFloat(1.5)
	default:
		v.Set(reflect.ValueOf(1).Convert(v.Type()))
	}
}

// everything gives a gateway all that it can have.
func everything(c *Config, d *Deps) {
	c.Scenarios = fstest.MapFS{"login.py": &fstest.MapFile{Data: []byte(withData)}, "data/users.csv": &fstest.MapFile{Data: []byte(users)}}
	d.APITests = apiArchive{}
	d.Report = func(w io.Writer, result []byte) error {
		_, err := w.Write(result)
		return err
	}
}

// ended puts a run that has ended into the fake bus, with all that a run can have, and returns its id.
func (f *fixture) ended() string {
	f.t.Helper()
	id := f.submitted()
	run, err := f.bus.Get(f.t.Context(), id)
	require.NoError(f.t, err)
	plan := full[load.Plan]()
	plan.Shape.Mode, plan.Shape.Duration = load.ModeRamp, time.Minute
	plan.Thresholds = []load.Threshold{{Metric: "p99_ms", Limit: 500, Abort: true, Delay: time.Second}}
	changed := full[load.Run]()
	changed.ID, changed.Plan, changed.State = run.ID, plan, load.StateDone
	_, err = f.bus.Update(f.t.Context(), changed)
	require.NoError(f.t, err)
	result := full[load.Result]()
	result.Trust.Level, result.RunID, result.State = load.TrustTrusted, id, load.StateDone
	times := histogram.New()
	times.Record(1500)
	result.Windows[0].HDR, result.Windows[0].ServiceHDR = times.Snapshot().HDR, times.Snapshot().HDR
	text, err := json.Marshal(result)
	require.NoError(f.t, err)
	f.bus.publishResult(id, string(text))
	return id
}

// sample returns a request that the document allows: its path, with required parameters, and its body.
func (op *documented) sample(runID string) (target, body string) {
	target = strings.ReplaceAll(op.path, "{id}", runID)
	query := url.Values{}
	for _, p := range op.Parameters {
		if p.Value.Required && p.Value.In == "query" {
			query.Set(p.Value.Name, runID)
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	if strings.HasPrefix(op.path, "/v1/api-tests/") {
		target = "/v1/api-tests/t1"
	}
	switch op.OperationID {
	case "submit-run":
		body = `{"source":"A","target":"http://shop.test"}`
	case "control-run":
		body = `{"action":"pause"}`
	}
	return target, body
}

func TestEveryRouteFieldAndErrorOfTheDocument(t *testing.T) {
	t.Parallel()
	f := setup(t, everything)
	e := &exercise{t: t, doc: document(t, f), seen: map[string]bool{}}
	for _, op := range e.operations() {
		e.refusals(op)
		e.wrongValues(f, op)
	}
	e.submissions(f)
	e.bodies(f)
	e.conflicts(f)
	e.answers(f)
	e.streams(f)

	var missing []string
	for _, what := range slices.Sorted(maps.Keys(e.expected())) {
		if !e.seen[what] {
			missing = append(missing, what)
		}
	}
	require.Empty(t, missing, "what the document has and nothing exercises")
}

// refusals are the errors that every operation has.
func (e *exercise) refusals(op documented) {
	e.t.Helper()
	guarded := setup(e.t, everything, withTokens)
	target, body := op.sample("r")
	require.Equal(e.t, "Authorization", decode[Problem](e.t, e.do(guarded, http.StatusUnauthorized, op.method, target, body)).Field)
	require.Equal(e.t, "Host", decode[Problem](e.t, e.do(guarded, http.StatusForbidden, op.method, target, body, "Host", "evil.test")).Field)
	for status, away := range map[int]error{http.StatusInternalServerError: errors.New("vendor"), http.StatusServiceUnavailable: load.ErrUnavailable} {
		f := setup(e.t, everything, func(c *Config, d *Deps) {
			d.APITests = apiArchive{away}
			switch {
			case op.OperationID != "list-scenarios":
			case status == http.StatusServiceUnavailable:
				c.CallTimeout = 1
			default:
				c.Scenarios = unreadable{c.Scenarios}
			}
		})
		f.get("/livez") // it watches the runs then
		f.bus.mu.Lock()
		f.bus.away = away
		f.bus.mu.Unlock()
		require.NotContains(e.t, string(e.do(f, status, op.method, target, body).body), "vendor")
	}
}

// wrongValues gives each parameter and each field of an operation a value that the document does not allow. The answer names it.
func (e *exercise) wrongValues(f *fixture, op documented) {
	e.t.Helper()
	id := f.submitted()
	target, body := op.sample(id)
	for _, p := range op.Parameters {
		name, wrong := p.Value.Name, "."
		switch schema := p.Value.Schema.Value; {
		case p.Value.In == "path":
			e.named(f, name, op.method, strings.Replace(op.path, "{"+name+"}", "a.b", 1), body)
			unknown := strings.Replace(op.path, "{"+name+"}", "unknown", 1)
			require.Contains(e.t, string(e.do(f, http.StatusNotFound, op.method, unknown, body).body), "unknown")
		case p.Value.In == "query":
			if schema.Type.Is("number") || schema.Type.Is("integer") {
				wrong = "-1"
			}
			u, err := url.Parse(target)
			require.NoError(e.t, err)
			query := u.Query()
			query.Set(name, wrong)
			e.named(f, name, op.method, u.Path+"?"+query.Encode(), body)
		case schema.MaxLength != nil:
			e.named(f, name, op.method, target, body, name, strings.Repeat("x", int(*schema.MaxLength)+1))
		}
	}
	if op.RequestBody == nil {
		return
	}
	for name := range op.RequestBody.Value.Content["application/json"].Schema.Value.Properties {
		object := map[string]any{}
		require.NoError(e.t, json.Unmarshal([]byte(body), &object))
		object[name] = []any{[]any{}} // no field is a list of lists
		text, err := json.Marshal(object)
		require.NoError(e.t, err)
		e.named(f, name, op.method, target, string(text))
	}
}

// named makes a request that is refused for a field.
func (e *exercise) named(f *fixture, field, method, target, body string, header ...string) {
	e.t.Helper()
	a := e.do(f, http.StatusUnprocessableEntity, method, target, body, header...)
	got, _, _ := strings.Cut(decode[Problem](e.t, a).Field, "[")
	require.Equal(e.t, field, got, "%s %s %s: %s", method, target, body, a.body)
}

// certificate returns a certificate and its key as PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	require.NoError(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	require.NoError(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

// submissions use every field of a request.
func (e *exercise) submissions(f *fixture) {
	e.t.Helper()
	cert, key := certificate(e.t)
	step := checkout()
	maps.Copy(step, map[string]any{
		"mode": "step", "steps": 3, "http2": true, "connect_timeout": "1s", "insecure": true, "cacert": cert, "cert": cert, "key": key,
		"servername": "x", "proxy": "http://u:p@127.0.0.1:1", "resolve": []string{"shop.test:443:127.0.0.1"}, "source_address": "127.0.0.1",
		"headers": []string{"A: b"}, "target": "https://shop.test",
		"thresholds": map[string]any{"p99_ms": 800, "browse:error_rate": map[string]any{"limit": 1, "abort_on_fail": true, "delay": "5s"}},
	})
	delete(step, "ramp_up")
	free := map[string]any{"source": "A", "target": "http://shop.test", "stages": []Stage{{"10s", 5}}}
	for _, request := range []map[string]any{checkout(), step, free, envRequest(), dataRequest()} {
		body, err := json.Marshal(request)
		require.NoError(e.t, err)
		e.do(f, http.StatusCreated, http.MethodPost, "/v1/runs", string(body))
		e.do(f, http.StatusOK, http.MethodPost, "/v1/runs?dry_run=true", string(body))
	}
	parts, contentType := form(e.t, map[string]string{"source": "A", "target": "http://shop.test"})
	e.do(f, http.StatusCreated, http.MethodPost, "/v1/runs", parts.String(), "Content-Type", contentType)
	broken := decode[Problem](e.t, e.do(f, http.StatusUnprocessableEntity, http.MethodPost, "/v1/runs", `{"source":"def (","file":"x.py"}`))
	require.Equal(e.t, 1, broken.Line)
	e.do(f, http.StatusUnprocessableEntity, http.MethodPost, "/v1/runs", `{"source":"A B"}`) // which has choices
}

// bodies are those that cannot be read.
func (e *exercise) bodies(f *fixture) {
	e.t.Helper()
	impatient := setup(e.t, everything, func(c *Config, _ *Deps) { c.CallTimeout, c.SubmitTimeout = 50*time.Millisecond, 50*time.Millisecond })
	for _, op := range e.operations() {
		if op.RequestBody == nil {
			continue
		}
		target, body := op.sample(f.submitted())
		e.do(f, http.StatusBadRequest, op.method, target, "")
		e.do(f, http.StatusRequestEntityTooLarge, op.method, target, `{"source":"`+strings.Repeat("A", 5000)+`"}`)
		p := decode[Problem](e.t, e.do(f, http.StatusUnsupportedMediaType, op.method, target, body, "Content-Type", "text/csv"))
		require.Contains(e.t, p.Detail, "text/csv")
		e.check(http.StatusRequestTimeout, op.method, target, body, nil, impatient.stalled(op.method, target, body, "Content-Type: application/json"))
	}
}

// stalled sends a body but for its last byte; header holds whole lines.
func (f *fixture) stalled(method, target, body string, header ...string) answer {
	f.t.Helper()
	conn, err := new(net.Dialer).DialContext(f.t.Context(), "tcp", strings.TrimPrefix(f.url, "http://"))
	require.NoError(f.t, err)
	defer conn.Close()
	require.NoError(f.t, conn.SetDeadline(time.Now().Add(20*time.Second))) // rather than hang
	if !slices.ContainsFunc(header, func(line string) bool { return strings.HasPrefix(line, "Host:") }) {
		header = append(header, "Host: localhost")
	}
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\n%s\r\nContent-Length: %d\r\n\r\n%s",
		method, target, strings.Join(header, "\r\n"), len(body)+1, body)
	require.NoError(f.t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(f.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(f.t, err)
	return answer{resp.StatusCode, resp.Header, text}
}

// conflicts are with what others do, or did before.
func (e *exercise) conflicts(f *fixture) {
	e.t.Helper()
	key := []string{"Idempotency-Key", "k"}
	e.do(f, http.StatusCreated, http.MethodPost, "/v1/runs", `{"source":"A","target":"http://shop.test"}`, key...)
	e.do(f, http.StatusOK, http.MethodPost, "/v1/runs", `{"source":"A","target":"http://shop.test"}`, key...)
	e.do(f, http.StatusConflict, http.MethodPost, "/v1/runs", `{"source":"B","target":"http://shop.test"}`, key...)
	id := f.underWay(10 * time.Second)
	e.do(f, http.StatusOK, http.MethodPost, "/v1/runs/"+id+"/control", `{"action":"rate","rps":300}`)
	f.bus.mu.Lock()
	f.bus.raced = 2 * amendTries
	f.bus.mu.Unlock()
	e.do(f, http.StatusConflict, http.MethodPost, "/v1/runs/"+id+"/control", `{"action":"pause"}`)
	e.do(f, http.StatusConflict, http.MethodPost, "/v1/runs/"+id+"/stop", "")
	e.do(f, http.StatusOK, http.MethodPost, "/v1/runs/"+id+"/stop", "")
}

// answers have all that they can have.
func (e *exercise) answers(f *fixture) {
	e.t.Helper()
	id, other := f.ended(), f.ended()
	g := full[load.GeneratorStatus]()
	g.Prepared = map[string]load.Prepared{id: {Users: 1}}
	f.bus.mu.Lock()
	f.bus.alive = []load.GeneratorStatus{g}
	f.bus.mu.Unlock()
	for _, target := range []string{
		"/v1/runs?limit=50", "/v1/runs/" + id, "/v1/runs/" + id + "/result", "/v1/runs/" + id + "/series?from=0", "/v1/runs/" + id + "/report",
		"/v1/compare?threshold=5&current=" + id + "&baseline=" + other, "/v1/generators", "/v1/scenarios", "/v1/api-tests?limit=5", "/v1/api-tests/t1",
	} {
		e.do(f, http.StatusOK, http.MethodGet, target, "")
	}
	e.do(f, http.StatusNotFound, http.MethodGet, "/v1/compare?current=unknown&baseline="+id, "")
}

// streams are told with all that they can tell.
func (e *exercise) streams(f *fixture) {
	e.t.Helper()
	for _, accept := range []string{"text/event-stream", ndjson} {
		e.stream(f, accept)
	}
}

func (e *exercise) stream(f *fixture, accept string) {
	e.t.Helper()
	id := f.underWay(10 * time.Second)
	target, header := "/v1/runs/"+id+"/events", []string{"Accept", accept}
	resp := f.open(http.MethodGet, target, http.NoBody, header...)
	defer resp.Body.Close()
	body := bufio.NewReader(resp.Body)
	var text []byte
	line := full[load.Live]()
	line.RunID = id
	f.bus.tell(line)
	for !bytes.Contains(text, []byte(`"type":"live"`)) {
		next, err := body.ReadBytes('\n')
		require.NoError(e.t, err)
		text = append(text, next...)
	}
	f.bus.become(id, load.StateDone)
	result, err := json.Marshal(full[load.Result]())
	require.NoError(e.t, err)
	f.bus.publishResult(id, string(result))
	rest, err := io.ReadAll(body)
	require.NoError(e.t, err)
	e.check(http.StatusOK, http.MethodGet, target, "", header, answer{resp.StatusCode, resp.Header, append(text, rest...)})
}
