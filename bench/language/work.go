package main

import (
	"fmt"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// A worker is one virtual user of an engine.
type worker interface {
	// iterate runs the task once, with the number that its request is to carry, and
	// returns the error of an assertion that failed.
	iterate(number int64) error
}

// An engine makes workers that share one compiled script.
type engine interface {
	name() string
	// user makes a worker that sends its requests to the stub.
	user(s *stub) (worker, error)
}

// A stub is the service under test: it answers at once, always the same.
type stub struct {
	status   int
	body     string
	requests int64
	last     *scenario.Request // ready to be written to a connection
}

// answer takes a request.
func (s *stub) answer(r *scenario.Request) {
	s.requests++
	s.last = r
}

// goodBody is what the assertions accept: 150 bytes of JSON.
const goodBody = `{"id": 42, "name": "A red mug with a white handle", "price": 12.5, "stock": 17, ` +
	`"tags": ["kitchen", "red", "new"], "rating": {"stars": 4.5, "votes": 120}}`

// wrongAnswers each break one assertion.
var wrongAnswers = []stub{
	{status: 500, body: goodBody},
	{status: 200, body: `["not an object"]`},
	{status: 200, body: `{"id": 41, "stock": 17}`},
	{status: 200, body: `{"id": 42, "stock": 0}`},
}

// expected is the request of an iteration.
func expected(number int64) string {
	return show(&scenario.Request{Method: "GET", URL: fmt.Sprintf("/api/products/%d", number), Header: []scenario.Field{
		{Name: "Authorization", Value: "Bearer " + token},
		{Name: "X-Request", Value: fmt.Sprintf("%s-%d", token, number)},
	}})
}

func show(r *scenario.Request) string { return fmt.Sprint(r.Method, " ", r.URL, " ", r.Header) }

// token is what users log in with; both scripts know it.
const token = "session-of-ada-1"

// verify reports an engine that does not do the work.
func verify(e engine) error {
	good := &stub{status: 200, body: goodBody}
	u, err := e.user(good)
	if err != nil {
		return err
	}
	for number := range int64(3) {
		if err := u.iterate(number); err != nil {
			return fmt.Errorf("%s: a good answer fails: %w", e.name(), err)
		}
		if got, want := show(good.last), expected(number); got != want {
			return fmt.Errorf("%s: the request is %s, not %s", e.name(), got, want)
		}
	}
	if good.requests != 3 {
		return fmt.Errorf("%s: 3 iterations made %d requests", e.name(), good.requests)
	}
	for i := range wrongAnswers {
		wrong := wrongAnswers[i]
		u, err := e.user(&wrong)
		if err != nil {
			return err
		}
		if u.iterate(1) == nil {
			return fmt.Errorf("%s: no assertion fails for %d %s", e.name(), wrong.status, wrong.body)
		}
	}
	return nil
}
