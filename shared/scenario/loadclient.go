package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// verbs are the methods that requests may have.
var verbs = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// loadClient is what scripts get as their client. It has no state: what it does
// belongs to the invocation that uses it.
type loadClient struct{}

// theClient is the only one there need be.
var theClient = &loadClient{}

// clientArgs are the arguments of hooks and tasks. Calls copy them.
var clientArgs = []runtime.Value{theClient}

var clientClass = runtime.NewNativeClass("loadpilot", "LoadClient", runtime.Members{
	"get":    clientMethod("get", "GET"),
	"post":   clientMethod("post", "POST"),
	"put":    clientMethod("put", "PUT"),
	"patch":  clientMethod("patch", "PATCH"),
	"delete": clientMethod("delete", "DELETE"),
	"batch":  runtime.NewNative("batch(self, requests)", batch),
	"headers": clientAttribute("headers", func(inv *invocation) runtime.Value { return &inv.user.state().headers }, func(th *runtime.Thread, inv *invocation, v runtime.Value) error {
		h := &headers{}
		if err := h.update(th, v); err != nil {
			return err
		}
		inv.user.state().headers.replace(h)
		return nil
	}),
	"cookies": clientAttribute("cookies", func(inv *invocation) runtime.Value { return &inv.user.state().jar }, func(th *runtime.Thread, inv *invocation, v runtime.Value) error {
		j := &cookies{}
		if err := j.update(th, v); err != nil {
			return err
		}
		inv.user.state().jar.replace(j)
		return nil
	}),
	"base_url": clientAttribute("base_url", func(inv *invocation) runtime.Value { return runtime.Str(inv.user.runner.target) }, nil),
})

// clientAttribute is an attribute that belongs to the user of the invocation.
func clientAttribute(name string, get func(*invocation) runtime.Value, set func(*runtime.Thread, *invocation, runtime.Value) error) *runtime.Getter {
	setter := func(th *runtime.Thread, _, v runtime.Value) error {
		inv, ok := th.Host.(*invocation)
		if !ok {
			return errOutside()
		}
		return set(th, inv, v)
	}
	if set == nil {
		setter = nil
	}
	return runtime.Attribute(name, func(th *runtime.Thread, _ runtime.Value) (runtime.Value, error) {
		inv, ok := th.Host.(*invocation)
		if !ok {
			return nil, errOutside()
		}
		return get(inv), nil
	}, setter)
}

// Class implements runtime.Value.
func (*loadClient) Class() *runtime.Class { return clientClass }

// An invocation is one call of a hook or a task with its check: what natives need of it.
type invocation struct {
	user      *User
	client    Client
	iteration int64 // −1 in hooks
	hook      bool
	last      *Response   // to the request asked for last
	answers   []*response // what the script got to see

	asked     int    // requests and batches so far
	lastAsked int    // the one that last belongs to, from 1
	open      int    // requests and batches under way; several if coroutines send
	mixed     bool   // the requests did not follow one after the other, or a batch was redirected
	ranOut    *table // data that had no more rows
}

// Aside implements runtime.Bystander.
func (inv *invocation) Aside() { aside(inv.client) }

func aside(c Client) {
	if b, ok := c.(Bystander); ok {
		b.Aside()
	}
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
		number := inv.ask()
		x := inv.send(th, req)
		inv.answered(number, x.answer)
		r := inv.show(x)
		if x.answer.Err != nil {
			return nil, r.failure(th)
		}
		return r, th.Alloc(len(x.answer.Body))
	})
}

// send sends a request; other coroutines go on meanwhile.
func (inv *invocation) send(th *runtime.Thread, req *Request) exchange {
	if th.Accompanied() {
		return inv.sendBeside(th, req)
	}
	return inv.user.do(th.Context(), inv.client, req)
}

func (inv *invocation) sendBeside(th *runtime.Thread, req *Request) (x exchange) {
	ctx, client := th.Context(), inv.client
	th.Blocking(func() { x = inv.user.do(ctx, client, req) })
	return x
}

// ask numbers a request or batch that is about to be sent.
func (inv *invocation) ask() (number int) {
	inv.open++
	inv.mixed = inv.mixed || inv.open > 1
	inv.asked++
	return inv.asked
}

// answered notes the answer to the last request of those with that number.
func (inv *invocation) answered(number int, last *Response) {
	inv.open--
	if number > inv.lastAsked {
		inv.last, inv.lastAsked = last, number
	}
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
	number, ctx, client := inv.ask(), th.Context(), inv.client
	var all []exchange
	th.Blocking(func() { all = inv.user.doAll(ctx, client, reqs) })
	inv.answered(number, all[len(all)-1].answer)
	inv.mixed = inv.mixed || redirectedAny(all)
	if ctx.Err() != nil {
		return nil, th.Cancelled()
	}
	out := make([]runtime.Value, len(all))
	for i, x := range all {
		if err := th.Alloc(len(x.answer.Body)); err != nil {
			return nil, err
		}
		out[i] = inv.show(x)
	}
	return runtime.NewList(out...), nil
}

// redirectedAny reports whether any request of a batch was redirected: the one asked for
// last is then not the last of the batch.
func redirectedAny(all []exchange) bool {
	return slices.ContainsFunc(all, func(x exchange) bool { return len(x.earlier) > 0 })
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

// show makes what the script gets to see of an exchange.
func (inv *invocation) show(x exchange) *response {
	var history []runtime.Value
	for _, h := range x.earlier {
		history = append(history, inv.response(h, slices.Clone(history)))
	}
	return inv.response(x.hop, history)
}

func (inv *invocation) response(h hop, history []runtime.Value) *response {
	r := &response{answer: *h.answer, request: h.request, target: inv.user.runner.target, history: history}
	if inv.hook {
		r.keep()
	}
	inv.answers = append(inv.answers, r)
	return r
}
