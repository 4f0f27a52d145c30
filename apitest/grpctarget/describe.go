package grpctarget

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/loadpilot/loadpilot/shared/load"
)

// descriptors finds what was read of a service.
type descriptors interface {
	FindDescriptorByName(name protoreflect.FullName) (protoreflect.Descriptor, error)
}

// method returns the descriptor of the target's method.
func (o *opener) method(ctx context.Context, t *target) (protoreflect.MethodDescriptor, error) {
	var files descriptors
	var err error
	if len(o.protoFiles) > 0 {
		files, err = compile(ctx, o.protoFiles)
	} else {
		files, err = ask(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	found, err := files.FindDescriptorByName(protoreflect.FullName(t.service))
	if err != nil {
		return nil, pathErrorf("there is no service %s", t.service)
	}
	service, ok := found.(protoreflect.ServiceDescriptor)
	if !ok {
		return nil, pathErrorf("%s is no service", t.service)
	}
	method := service.Methods().ByName(protoreflect.Name(t.method))
	switch {
	case method == nil:
		return nil, pathErrorf("%s has no method %s, but %s", t.service, t.method, strings.Join(methodNames(service), ", "))
	case method.IsStreamingClient():
		return nil, pathErrorf("%s takes a stream; only methods that take one message can be loaded", t.path())
	}
	return method, nil
}

func methodNames(service protoreflect.ServiceDescriptor) []string {
	methods := service.Methods()
	names := make([]string, methods.Len())
	for i := range names {
		names[i] = string(methods.Get(i).Name())
	}
	return names
}

// compile reads .proto files. What they import is looked for in the folders that they are in, at any level.
func compile(ctx context.Context, files []string) (descriptors, error) {
	var folders []string
	names := make([]string, len(files))
	for i, file := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return nil, &load.FieldError{Field: "proto", Message: err.Error()}
		}
		names[i] = filepath.Base(path)
		for folder := filepath.Dir(path); ; folder = filepath.Dir(folder) {
			folders = append(folders, folder)
			if folder == filepath.Dir(folder) {
				break
			}
		}
	}
	compiler := protocompile.Compiler{
		Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: folders}),
	}
	compiled, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, &load.FieldError{Field: "proto", Message: err.Error()}
	}
	return compiled.AsResolver(), nil
}

// reflections are the services that describe others, the newest first. Their messages are the same.
var reflections = []string{"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}

// ask has the server describe the target's service. It fails with load.ErrUnavailable if the server does not answer.
func ask(ctx context.Context, t *target) (descriptors, error) {
	conn, err := t.dial(&watch{})
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }()
	for _, reflection := range reflections {
		files, err := readFiles(ctx, conn, reflection, t.service)
		switch status.Code(err) {
		case codes.OK:
			return files, nil
		case codes.Unimplemented:
		case codes.NotFound:
			return nil, pathErrorf("the server has no service %s", t.service)
		case codes.Unavailable, codes.DeadlineExceeded:
			return nil, fmt.Errorf("ask %s for its services: %w: %w", t.host, load.ErrUnavailable, err)
		default:
			return nil, fmt.Errorf("ask %s for its services: %w", t.host, err)
		}
	}
	return nil, &load.FieldError{Field: "proto", Message: "the server does not describe its services; name their .proto files"}
}

// readFiles asks for the file of a service, and for all that it imports.
func readFiles(ctx context.Context, conn *grpc.ClientConn, reflection, service string) (descriptors, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, "/"+reflection+"/ServerReflectionInfo")
	if err != nil {
		return nil, err
	}
	known := map[string]*descriptorpb.FileDescriptorProto{}
	request := &grpc_reflection_v1.ServerReflectionRequest{
		MessageRequest: &grpc_reflection_v1.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service},
	}
	for asked := ""; ; {
		if err := exchange(stream, request, known); err != nil {
			return nil, err
		}
		name, ok := missing(known)
		if !ok {
			return protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: slices.Collect(maps.Values(known))})
		}
		if name == asked {
			return nil, fmt.Errorf("the server does not show %s", name)
		}
		asked = name
		request.MessageRequest = &grpc_reflection_v1.ServerReflectionRequest_FileByFilename{FileByFilename: name}
	}
}

// exchange asks for files and puts them among those that are known.
func exchange(stream grpc.ClientStream, request *grpc_reflection_v1.ServerReflectionRequest, known map[string]*descriptorpb.FileDescriptorProto) error {
	if err := stream.SendMsg(request); err != nil && !errors.Is(err, io.EOF) { // after an EOF the reason can be received
		return err
	}
	var response grpc_reflection_v1.ServerReflectionResponse
	if err := stream.RecvMsg(&response); err != nil {
		return err
	}
	if refused := response.GetErrorResponse(); refused != nil {
		return status.Error(codes.Code(uint32(refused.GetErrorCode())), refused.GetErrorMessage()) //nolint:gosec // that is what it is
	}
	for _, encoded := range response.GetFileDescriptorResponse().GetFileDescriptorProto() {
		var file descriptorpb.FileDescriptorProto
		if err := proto.Unmarshal(encoded, &file); err != nil {
			return fmt.Errorf("decode a file of the server: %w", err)
		}
		known[file.GetName()] = &file
	}
	return nil
}

// missing returns a file that one of those that are known imports.
func missing(known map[string]*descriptorpb.FileDescriptorProto) (name string, ok bool) {
	for _, file := range known {
		for _, name := range file.GetDependency() {
			if known[name] == nil {
				return name, true
			}
		}
	}
	return "", false
}
