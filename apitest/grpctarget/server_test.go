package grpctarget

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/reflection"
	"google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	unary     = "/grpc.testing.TestService/UnaryCall"
	streaming = "/grpc.testing.TestService/StreamingOutputCall"
)

// service is the one of gRPC's interoperability tests. The header "hang" has it wait until the client is gone.
type service struct {
	grpc_testing.UnimplementedTestServiceServer

	began chan struct{} // gets one element for each call that hangs
}

func (s *service) UnaryCall(ctx context.Context, r *grpc_testing.SimpleRequest) (*grpc_testing.SimpleResponse, error) {
	s.hang(ctx)
	if said := r.GetResponseStatus(); said != nil {
		return nil, status.Error(codes.Code(said.GetCode()), said.GetMessage())
	}
	return &grpc_testing.SimpleResponse{Payload: &grpc_testing.Payload{Body: make([]byte, r.GetResponseSize())}}, nil
}

func (s *service) StreamingOutputCall(r *grpc_testing.StreamingOutputCallRequest, stream grpc.ServerStreamingServer[grpc_testing.StreamingOutputCallResponse]) error {
	for _, p := range r.GetResponseParameters() {
		response := &grpc_testing.StreamingOutputCallResponse{Payload: &grpc_testing.Payload{Body: make([]byte, p.GetSize())}}
		if err := stream.Send(response); err != nil {
			return err
		}
	}
	s.hang(stream.Context())
	if said := r.GetResponseStatus(); said != nil {
		return status.Error(codes.Code(said.GetCode()), said.GetMessage())
	}
	return nil
}

func (s *service) hang(ctx context.Context) {
	if md, _ := metadata.FromIncomingContext(ctx); len(md["hang"]) > 0 {
		s.began <- struct{}{}
		<-ctx.Done()
	}
}

type server struct {
	*grpc.Server

	service *service
	host    string
}

// serve returns a server that describes itself as the function has it; nil: not at all.
func serve(t *testing.T, describe func(*grpc.Server), options ...grpc.ServerOption) *server {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", describe, options...)
}

func serveAt(t *testing.T, address string, describe func(*grpc.Server), options ...grpc.ServerOption) *server {
	t.Helper()
	s := &server{Server: grpc.NewServer(options...), service: &service{began: make(chan struct{}, 100)}}
	grpc_testing.RegisterTestServiceServer(s, s.service)
	if describe != nil {
		describe(s.Server)
	}
	listener, err := net.Listen("tcp", address)
	require.NoError(t, err)
	s.host = listener.Addr().String()
	done := make(chan error, 1)
	go func() { done <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Stop()
		require.NoError(t, <-done)
	})
	return s
}

func reflectV1(s *grpc.Server) { reflection.RegisterV1(s) }

// reflectV1Alpha has a server describe itself as old ones do: by a service of another name, with the same messages.
func reflectV1Alpha(s *grpc.Server) {
	desc := grpc_reflection_v1.ServerReflection_ServiceDesc
	desc.ServiceName = "grpc.reflection.v1alpha.ServerReflection"
	s.RegisterService(&desc, reflection.NewServerV1(reflection.ServerOptions{Services: s}))
}

// miser shows one file at a time, and some not at all.
type miser struct {
	grpc_reflection_v1.UnimplementedServerReflectionServer

	hides string
}

func (m miser) ServerReflectionInfo(stream grpc_reflection_v1.ServerReflection_ServerReflectionInfoServer) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return nil //nolint:nilerr // it is the end of the stream
		}
		file, err := protoregistry.GlobalFiles.FindFileByPath(request.GetFileByFilename())
		if symbol := request.GetFileContainingSymbol(); symbol != "" {
			var found protoreflect.Descriptor
			if found, err = protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(symbol)); err == nil {
				file = found.ParentFile()
			}
		}
		if err != nil {
			return status.Error(codes.NotFound, err.Error())
		}
		if file.Path() == m.hides {
			file, _ = protoregistry.GlobalFiles.FindFileByPath("google/protobuf/empty.proto")
		}
		encoded, err := proto.Marshal(protodesc.ToFileDescriptorProto(file))
		if err != nil {
			return err
		}
		if err := stream.Send(&grpc_reflection_v1.ServerReflectionResponse{
			MessageResponse: &grpc_reflection_v1.ServerReflectionResponse_FileDescriptorResponse{
				FileDescriptorResponse: &grpc_reflection_v1.FileDescriptorResponse{FileDescriptorProto: [][]byte{encoded}},
			},
		}); err != nil {
			return err
		}
	}
}

// secure returns the option of a server whose certificate nobody trusts.
func secure(t *testing.T) grpc.ServerOption {
	t.Helper()
	other := httptest.NewTLSServer(nil)
	defer other.Close()
	return grpc.Creds(credentials.NewTLS(&tls.Config{Certificates: other.TLS.Certificates}))
}
