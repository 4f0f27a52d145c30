package main

import (
	"fmt"

	"github.com/grafana/sobek"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// script is the body in JavaScript.
const script = `
"use strict";
function iterate(client, token, number) {
	const answer = client.get(` + "`/api/products/${number}`" + `, {headers: {
		"Authorization": ` + "`Bearer ${token}`" + `,
		"X-Request": ` + "`${token}-${number}`" + `,
	}});
	const body = JSON.parse(answer.body);
	if (answer.status !== 200) throw new Error("status");
	if (typeof body !== "object" || Array.isArray(body)) throw new Error("object");
	if (body.id !== 42) throw new Error("id");
	if (!(body.stock > 0)) throw new Error("stock");
}
`

// sobekEngine runs the script as k6 does: one program for all, a runtime for each user.
type sobekEngine struct{ program *sobek.Program }

func newSobek() (*sobekEngine, error) {
	p, err := sobek.Compile("script.js", script, true)
	if err != nil {
		return nil, fmt.Errorf("compile for sobek: %w", err)
	}
	return &sobekEngine{p}, nil
}

func (*sobekEngine) name() string { return "sobek" }

func (e *sobekEngine) user(s *stub) (worker, error) {
	vm := sobek.New()
	if _, err := vm.RunProgram(e.program); err != nil {
		return nil, fmt.Errorf("load for sobek: %w", err)
	}
	iterate, ok := sobek.AssertFunction(vm.Get("iterate"))
	if !ok {
		return nil, fmt.Errorf("sobek: %v is no function", vm.Get("iterate"))
	}
	client := vm.NewObject()
	err := client.Set("get", func(call sobek.FunctionCall) sobek.Value {
		req := &scenario.Request{Method: "GET", URL: call.Argument(0).String()}
		headers := call.Argument(1).ToObject(vm).Get("headers").ToObject(vm)
		for _, name := range headers.Keys() {
			req.Header = append(req.Header, scenario.Field{Name: name, Value: headers.Get(name).String()})
		}
		s.answer(req)
		answer := vm.NewObject()
		_ = answer.Set("status", s.status) // a plain new object takes every property
		_ = answer.Set("body", s.body)
		return answer
	})
	return &sobekUser{vm, iterate, client, vm.ToValue(token)}, err
}

type sobekUser struct {
	vm      *sobek.Runtime
	call    sobek.Callable
	client  *sobek.Object
	session sobek.Value
}

func (u *sobekUser) iterate(number int64) error {
	_, err := u.call(sobek.Undefined(), u.client, u.session, u.vm.ToValue(number))
	return err
}
