package payload

import (
	"context"
	"fmt"
	"io"
	"os"
)

// maxInput bounds what is read of a file or of the standard input, in bytes.
const maxInput = 64 << 20

// ReadFile reads a file, of 64 MiB at most, unless ctx ends first: it may be a pipe, or a device.
func ReadFile(ctx context.Context, name string) ([]byte, error) {
	return read(ctx, name, func() (io.ReadCloser, error) { return os.Open(name) })
}

// ReadAll is ReadFile for what is open already. It is not closed.
func ReadAll(ctx context.Context, from io.Reader) ([]byte, error) {
	return read(ctx, "the input", func() (io.ReadCloser, error) { return io.NopCloser(from), nil })
}

func read(ctx context.Context, name string, open func() (io.ReadCloser, error)) ([]byte, error) {
	type input struct {
		text []byte
		err  error
	}
	inputs := make(chan input, 1)
	go func() { // a read cannot be called back: after an interrupt it waits until something comes, or the process ends
		in, err := open()
		if err != nil {
			inputs <- input{err: err}
			return
		}
		defer func() { _ = in.Close() }() // it was only read
		text, err := io.ReadAll(io.LimitReader(in, maxInput+1))
		inputs <- input{text, err}
	}()
	select {
	case in := <-inputs:
		if len(in.text) > maxInput {
			return nil, fmt.Errorf("%s: it has more than %d MiB", name, maxInput>>20)
		}
		return in.text, in.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}
