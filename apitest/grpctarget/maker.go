package grpctarget

import (
	"bytes"
	"context"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/loadpilot/loadpilot/apitest/internal/payload"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// maker turns bodies of JSON into messages.
type maker struct {
	json   *payload.Maker
	method protoreflect.MethodDescriptor
}

// newMaker returns the maker of a configuration. A payload is tried at once; a function is not called before the run.
func newMaker(ctx context.Context, c run.Config, method protoreflect.MethodDescriptor) (run.Maker, error) {
	json, err := payload.New(ctx, c)
	if err != nil {
		return nil, err
	}
	m := maker{json, method}
	if c.PayloadFunc != nil {
		return m, nil
	}
	if err := (&filler{maker: m, json: json.First()}).Fill(0, &run.Call{}); err != nil {
		return nil, &load.FieldError{Field: "payload", Message: err.Error()}
	}
	return m, nil
}

// New implements run.Maker.
func (m maker) New() run.Filler { return &filler{maker: m, json: m.json.New()} }

type filler struct {
	maker

	json    run.Filler
	call    run.Call // as json fills it
	text    []byte   // that message was made from
	message []byte   // nil: none was made yet
}

// Fill implements run.Filler.
func (f *filler) Fill(n int64, call *run.Call) error {
	if err := f.json.Fill(n, &f.call); err != nil {
		return err
	}
	if f.message == nil || !bytes.Equal(f.text, f.call.Body) {
		message, err := f.encode(f.call.Body)
		if err != nil {
			return err
		}
		// A message that is under way may still be read when its call has ended: it is never written again.
		f.text, f.message = append(f.text[:0], f.call.Body...), message
	}
	call.Method, call.URL, call.Header, call.Body = f.call.Method, f.call.URL, f.call.Header, f.message
	return nil
}

// encode returns the message that a JSON object stands for; none stands for an empty one.
func (f *filler) encode(text []byte) ([]byte, error) {
	message := dynamicpb.NewMessage(f.method.Input())
	if len(text) > 0 {
		if err := protojson.Unmarshal(text, message); err != nil {
			return nil, fmt.Errorf("it is not the JSON of a %s: %w", f.method.Input().FullName(), err)
		}
	}
	return proto.MarshalOptions{Deterministic: true}.MarshalAppend([]byte{}, message)
}
