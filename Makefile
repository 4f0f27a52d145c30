# LoadPilot. `make help` lists the targets; each works on a fresh clone.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Without the tag, the traces of gRPC, which nobody here looks at, keep the linker from leaving out what is not called: 7 MB.
GOBUILD   := CGO_ENABLED=0 go build -trimpath -tags grpcnotrace -ldflags '-s -w -X main.version=$(VERSION)'
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
BIN       := .cache/bin
LINT      := $(BIN)/golangci-lint

# Packages whose tests start whole fleets of processes. They run one after the other when everything else is done: a machine that
# is busy with other tests is a fault that they did not ask for.
FLEETTESTS := /(chaos|cmd/loadpilot|deploy|apitest/example)$$
# Tests of shared/python that bound the processor time of hostile scripts and of stops. The race detector takes ten times of it, so
# that they run without it, for some minutes.
CPUTESTS := ^(TestHostileScriptsEndInTime|TestCancelReaches.*)$$$$
# Other packages tested at once, and how long one package may take.
TESTP       ?= 2
TESTTIMEOUT ?= 20m
# What `make chaos` plays: CHAOSSEED this one again, SEEDS so many new ones, or else new ones for CHAOSTIME; FLEETS, 1 or 2, at once.
CHAOSSEED ?=
SEEDS     ?=
CHAOSTIME ?= 10m
FLEETS    ?= 2
# How long `make fuzz` spends on each target.
FUZZTIME ?= 20s
# What `make bench-go` selects and how often it repeats it (benchstat wants 10).
BENCH      ?= .
BENCHCOUNT ?= 1
# What `make bench` compares with, and flags for it (-only static-15k -rounds 1 -duration 5s).
K6         := go.k6.io/k6@v1.8.1
FORTIO     := fortio.org/fortio@v1.66.0
BENCHFLAGS ?= -out docs/benchmark.md
# Flags for `make soak` (-rate 500 -duration 5m -window 30s).
SOAKFLAGS  ?=

export LOADPILOT_NATS_SERVER := $(abspath $(BIN)/nats-server)

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build the static binary ./loadpilot
	$(GOBUILD) -o loadpilot ./cmd/loadpilot

.PHONY: check
check: format tidy lint canary vet platforms bench-once ## all that needs no running service: format, lint, vet, builds, benchmarks once

.PHONY: format
format: $(LINT) ## fail when a file is not formatted (make fmt repairs it)
	$(LINT) fmt --diff

.PHONY: fmt
fmt: $(LINT) ## format every file
	$(LINT) fmt

.PHONY: tidy
tidy: ## fail when go.mod or go.sum is not tidy
	go mod tidy -diff

.PHONY: lint
lint: $(LINT) ## run golangci-lint
	$(LINT) run ./...

.PHONY: canary
canary: $(LINT) ## prove that the import rules bite
	tools/canary/run.sh $(LINT)

.PHONY: vet
vet: ## run go vet
	go vet ./...

.PHONY: platforms
platforms: ## build for every platform without cgo
	@for platform in $(PLATFORMS); do \
		echo "build $$platform"; \
		CGO_ENABLED=0 GOOS=$${platform%/*} GOARCH=$${platform#*/} go build ./...; \
	done

.PHONY: bench-once
bench-once: ## run each benchmark once, to see that it still works
	go test -run '^$$' -bench . -benchtime 1x ./... | grep -v 'no test files'

.PHONY: test
test: $(BIN)/gotestsum $(BIN)/nats-server packages ## run all tests with the race detector, and those of processor time without, on real NATS and Redis servers
	$(BIN)/gotestsum --format standard-quiet -- -race -p $(TESTP) -timeout $(TESTTIMEOUT) $$(go list ./... | grep -vE '$(FLEETTESTS)')
	$(BIN)/gotestsum --format standard-quiet -- -count 1 -timeout $(TESTTIMEOUT) -run '$(CPUTESTS)' ./shared/python
	$(BIN)/gotestsum --format standard-quiet -- -race -p 1 -timeout $(TESTTIMEOUT) $$(go list ./... | grep -E '$(FLEETTESTS)')
	@$(MAKE) --no-print-directory e2e

# Pictures of every page, in both colour schemes and at two widths, are in .cache/e2e afterwards.
.PHONY: e2e
e2e: build packages ## drive the pages of the real program in a browser
	@if ! command -v chromium >/dev/null || ! command -v npm >/dev/null; then \
		echo "skipped: the tests of the pages need chromium and npm"; \
	elif ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then \
		echo "skipped: the tests of the pages need Node.js 20 or newer, not $$(node --version)"; \
	else \
		npm ci --prefix e2e --silent --no-audit --no-fund && node --test e2e/; \
	fi

.PHONY: cover
cover: $(BIN)/nats-server packages ## write coverage.out, by the tests that start no fleets, and print the total
	go test -coverpkg ./... -coverprofile coverage.out $$(go list ./... | grep -vE '$(FLEETTESTS)') >/dev/null
	go tool cover -func coverage.out | tail -1

.PHONY: bench
bench: build $(BIN)/k6 $(BIN)/fortio nginx ## compare with k6, fortio and wrk for 40 minutes, write docs/benchmark.md, and fail if a demand is not met
	go run ./bench/run -loadpilot ./loadpilot -peers $(BIN) -profiles .cache/bench $(BENCHFLAGS)

.PHONY: bench-go
bench-go: ## run the Go benchmarks (BENCH=regexp BENCHCOUNT=10)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(BENCHCOUNT) ./... | grep -v 'no test files'

.PHONY: bench-language
bench-language: ## compare an iteration, an idle user and a static task with sobek, and fail if a demand is not met
	go run ./bench/language

.PHONY: fuzz
fuzz: ## fuzz every target for FUZZTIME each
	@grep -rEo --include '*_test.go' --exclude-dir .cache '^func Fuzz[A-Za-z0-9_]+' . \
		| sed -E 's|/[^/]+:func | |' \
		| while read -r package target; do \
			echo "fuzz $$package $$target"; \
			go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) "$$package"; \
		done

.PHONY: chaos
chaos: $(BIN)/nats-server packages ## kill, freeze and cut off parts of fleets at random (CHAOSSEED=17, SEEDS=100 or CHAOSTIME=10m)
	@echo "all that the processes say is in .cache/chaos.log"
	go test ./chaos -run '^TestCampaign$$' -count 1 -timeout 0 -v -args -fleets $(FLEETS) \
		$(if $(CHAOSSEED),-seed $(CHAOSSEED),$(if $(SEEDS),-seeds $(SEEDS),-for $(CHAOSTIME))) \
		| tee .cache/chaos.log | grep -E --line-buffered '^ *--- |^ok|FAIL|_test.go|Error:|Messages:|expected|actual'

.PHONY: soak
soak: build ## run 5000 iterations a second for ten minutes on the real binary, and fail if memory or lag grow (SOAKFLAGS='-rate 500')
	go run ./bench/soak -loadpilot ./loadpilot $(SOAKFLAGS)

.PHONY: compare-proof
compare-proof: build ## compare 60 pairs of real runs for 11 minutes, and fail if chance is called a change or a change is not found
	go run ./bench/compare -loadpilot ./loadpilot

.PHONY: capacity-proof
capacity-proof: build ## search the capacity of servers that have a known one for 10 minutes, and fail if it is not found within 5 %
	go run ./bench/capacity -loadpilot ./loadpilot

.PHONY: tools
tools: $(LINT) $(BIN)/gotestsum $(BIN)/nats-server packages ## install what check and test need

# Debian packages are the only things not built from source. Without one of them the tests that need it say so and are skipped.
.PHONY: packages
packages:
	@missing=; \
	for tool in redis-server jq chromium npm xmllint:libxml2-utils; do \
		command -v $${tool%:*} >/dev/null || missing+=" $${tool#*:}"; \
	done; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			{ apt-get -qq -o Acquire::Retries=3 update && apt-get -qq -o Acquire::Retries=3 install -y --no-install-recommends $$missing; } >/dev/null; \
		else \
			echo "not installed:$$missing: the tests that need it will be skipped"; \
		fi; \
	fi

# The service under test of `make bench` and the peer that is no Go program.
.PHONY: nginx
nginx:
	@if ! command -v nginx >/dev/null || ! command -v wrk >/dev/null; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			{ apt-get -qq -o Acquire::Retries=3 update && apt-get -qq -o Acquire::Retries=3 install -y --no-install-recommends nginx-light wrk; } >/dev/null; \
		else \
			echo "install nginx with its echo module (in Debian: nginx-light) and wrk" >&2; exit 1; \
		fi; \
	fi

# The tools have a module of their own, so that none of their requirements reaches the product.
$(LINT): tools/go.mod
	go -C tools build -trimpath -o $(abspath $@) github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@touch $@

$(BIN)/gotestsum: tools/go.mod
	go -C tools build -trimpath -o $(abspath $@) gotest.tools/gotestsum
	@touch $@

# The real server of the tests is the main package of the module whose library is embedded: one version of both.
$(BIN)/nats-server: go.mod
	go build -trimpath -o $(abspath $@) github.com/nats-io/nats-server/v2
	@touch $@

# The peers are built with the requirements of their own modules, in the versions that are named above.
$(BIN)/k6: Makefile
	GOBIN=$(abspath $(BIN)) go install $(K6)
	@touch $@

$(BIN)/fortio: Makefile
	GOBIN=$(abspath $(BIN)) go install $(FORTIO)
	@touch $@
