// Package grpctarget loads methods of gRPC services, unary and server-streaming ones: grpc://HOST:PORT/package.Service/Method, or
// grpcs:// with TLS. Only programs that import it link gRPC.
//
// What a method takes is read from .proto files or asked of the server (reflection). Payloads are JSON; they become messages before
// they are sent, and answers are counted but not decoded, so that the clients cost little. Each client has a connection, as clients
// of the other protocols have.
//
// A response with another code than OK is a failure of class grpc_<code>. A failure that no response came with has the class that
// it has over HTTP.
package grpctarget
