# One static binary in an otherwise empty image; it runs as nobody and writes to /tmp alone.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags "-s -w -X main.version=${VERSION}" -o /out/loadpilot ./cmd/loadpilot \
	&& mkdir -m 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/ /
COPY scenarios /scenarios
ENV HOME=/tmp XDG_STATE_HOME=/tmp
USER 65532:65532
ENTRYPOINT ["/loadpilot"]
