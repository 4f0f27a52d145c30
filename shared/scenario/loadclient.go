package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// verbs are the methods that requests may have.
var verbs = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// loadClient is what scripts get as their client. It has no state: what it does
// belongs to the invocation that uses it.
type loadClient struct{}

// theClient is the only one there need be.
var theClient = &loadClient{}

var clientClass = runtime.NewNativeClass("loadpilot", "LoadClient", runtime.Members{
	"get":    clientMethod("get", "GET"),
	"post":   clientMethod("post", "POST"),
	"put":    clientMethod("put", "PUT"),
	"patch":  clientMethod("patch", "PATCH"),
	"delete": clientMethod("delete", "DELETE"),
	"batch":  runtime.NewNative("batch(self, requests)", batch),
})

// Class implements runtime.Value.
func (*loadClient) Class() *runtime.Class { return clientClass }

// An invocation is one call of a hook or a task with its check: what natives need of it.
type invocation struct {
	user      *User
	client    Client
	iteration int64 // −1 in hooks
	hook      bool
	last      *Response   // of the request made last
	answers   []*response // what the script got to see
	ranOut    *table      // data that had no more rows
}

// end takes from the responses what is valid only until now.
func (inv *invocation) end() {
	for i, r := range inv.answers {
		r.expire()
		inv.answers[i] = nil
	}
	*inv = invocation{answers: inv.answers[:0]}
}

// clientMethod makes the client's method for one verb.
func clientMethod(name, verb string) *runtime.Native {
	return runtime.NewNative(name+"(self, path, *, "+requestParameters+")", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		inv, ok := th.Host.(*invocation)
		if !ok {
			return nil, errOutside()
		}
		req, err := newRequest(th, verb, a.Vals[1], a.Vals[2:])
		if err != nil {
			return nil, err
		}
		answer := inv.client.Do(th.Context(), req)
		r := inv.answer(req, answer)
		if answer.Err != nil {
			return nil, r.failure(th)
		}
		return r, th.Alloc(len(answer.Body))
	})
}

func errOutside() error {
	return runtime.Errorf(runtime.RuntimeError, "a client works only in on_start, on_stop and tasks")
}

// batch sends requests at the same time. One that fails does not raise: its response
// has status_code 0 and raises when it is asked for more.
func batch(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	inv, ok := th.Host.(*invocation)
	if !ok {
		return nil, errOutside()
	}
	var reqs []*Request
	err := runtime.Iterate(th, a.Vals[1], func(v runtime.Value) error {
		req, err := batchRequest(th, v)
		reqs = append(reqs, req)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(reqs) == 0 {
		return runtime.NewList(), nil
	}
	answers := inv.client.Batch(th.Context(), reqs)
	if err := th.Context().Err(); err != nil {
		return nil, th.Cancelled()
	}
	out := make([]runtime.Value, len(answers))
	for i, answer := range answers {
		if err := th.Alloc(len(answer.Body)); err != nil {
			return nil, err
		}
		out[i] = inv.answer(reqs[i], answer)
	}
	return runtime.NewList(out...), nil
}

// batchRequest makes a request of one dict of a batch.
func batchRequest(th *runtime.Thread, v runtime.Value) (*Request, error) {
	d, ok := v.(*runtime.Dict)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "batch() takes dicts such as {\"method\": \"GET\", \"path\": \"/\"}, not %s", v.Class().Name)
	}
	verb := "GET"
	var path runtime.Value
	options := make([]runtime.Value, len(requestOptions))
	for i := range options {
		options[i] = runtime.None
	}
	for k, value := range d.All() {
		key, _ := runtime.AsStr(k)
		switch i := slices.Index(requestOptions, key); {
		case i >= 0:
			options[i] = value
		case key == "path":
			path = value
		case key == "method":
			if verb, ok = runtime.AsStr(value); !ok {
				return nil, runtime.Errorf(runtime.TypeError, "batch() needs a str as \"method\", not %s", value.Class().Name)
			}
		default:
			repr, err := runtime.Repr(th, k)
			if err != nil {
				return nil, err
			}
			return nil, runtime.Errorf(runtime.ValueError, "batch() does not know the key %s", repr)
		}
	}
	if path == nil {
		return nil, runtime.Errorf(runtime.ValueError, "batch() needs a \"path\" in each request")
	}
	i := slices.IndexFunc(verbs, func(v string) bool { return equalFold(v, verb) })
	if i < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "%s", badVerb(verb))
	}
	return newRequest(th, verbs[i], path, options)
}

// answer notes what came of a request.
func (inv *invocation) answer(req *Request, answer *Response) *response {
	r := &response{answer: *answer, request: req}
	if inv.hook {
		r.keep()
	}
	inv.last = answer
	inv.answers = append(inv.answers, r)
	return r
}

// failure is the exception for a response that never came.
func (r *response) failure(th *runtime.Thread) error {
	if r.answer.Class == load.ErrorCancelled && th.Context().Err() != nil {
		return th.Cancelled()
	}
	return transportError(r.answer.Class, r.answer.Err)
}
