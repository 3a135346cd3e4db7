# `make run` needs Go and Node.js and nothing else. `make help` lists the tasks.

web   := internal/playground/web
page  := internal/playground/dist/index.html.gz
parts := schema.graphqls $(wildcard $(web)/index.html $(web)/*.js $(web)/src/* $(web)/src/*/* \
	internal/playground/queries/* internal/playground/queries/*/*)
bin   := $(CURDIR)/bin
fuzz  ?= 10s
chaos ?= 1m
typed := examples/typescript
gate  := testdata/federation
others := testdata/clients
microsoft := testdata/microsoft
frontend := examples/web
built := $(frontend)/dist/index.html

.PHONY: help run test interop web clients chaos check lint bench fuzz fmt generate playground federation tools release

help: ## print this list
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

run: $(page) ## start Portico with the emulator, after building what is missing
	go run .

test: $(page) $(typed)/node_modules/.package-lock.json federation ## run all tests that need only Go and Node.js
	go test -race -timeout 30m ./...
	go test -run Allocations ./bench

interop: $(page) $(built) clients ## run the tests with foreign clients, browsers and servers, those of what is released, and 10,000 random queries
	go test -race -timeout 40m -tags interop -run '^TestInterop' ./...
	go test -timeout 40m -tags interop -run '^TestRandom' ./graph ./internal/service/tests/queries
	go -C packaging test -timeout 20m -tags interop ./...

web: $(built) ## build the frontend of examples/web, and test it in Chromium
	go test -race -timeout 10m -tags interop -run '^TestInterop' ./internal/service/tests/frontend

chaos: ## query under random faults: make chaos chaos=10m
	CHAOS=$(chaos) go test -race -timeout 0 -v -tags chaos -run '^TestChaos' ./...

check: lint test ## check all that must hold before a change is handed in

lint: $(bin)/golangci-lint generate ## check generated code, dependencies and style
	git diff --exit-code -- '*.generated.*' '*.resolvers.go' graph/generated
	go mod tidy -diff
	go -C examples/go mod tidy -diff
	go -C packaging mod tidy -diff
	go vet -tags interop,chaos ./...
	$(bin)/golangci-lint run ./...
	cd packaging && $(bin)/golangci-lint run ./...

bench: ## measure Portico, beside other servers if they run: make bench peers=NAME=URL,...
	go run ./bench $(if $(peers),-peers $(peers))

fuzz: ## run each fuzz target for a moment: make fuzz fuzz=1m
	.ci/fuzz $(fuzz)

fmt: $(bin)/golangci-lint ## format with gofumpt
	$(bin)/golangci-lint fmt

generate: $(typed)/node_modules/.package-lock.json ## generate code from schema.graphqls, and the clients of the examples
	go run ./graph/generate
	go -C examples/go generate
	npm --prefix $(typed) run --silent generate

playground: $(page) ## build the page that the binary serves at /

$(page): $(web)/node_modules/.package-lock.json $(parts)
	npm --prefix $(web) run --silent build

$(built): $(frontend)/node_modules/.package-lock.json schema.graphqls $(shell find $(frontend)/src $(frontend)/public -type f -not -path '*/gql/*') \
		$(wildcard $(frontend)/*.ts $(frontend)/index.html)
	npm --prefix $(frontend) run --silent build

clients: $(others)/node_modules/.package-lock.json $(microsoft)/node_modules/.package-lock.json ## install foreign clients, which interop runs

release: $(page) ## build the last commit into ./dist: programs for all systems, images, .deb, .rpm, chart, SBOMs, checksums
	go -C packaging run ./release -out $(CURDIR)/dist

federation: $(gate)/node_modules/.package-lock.json ## install what tests need from npm: a federation gateway and graphql-js

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund

tools: $(bin)/golangci-lint ## install what check needs into ./bin

$(bin)/golangci-lint:
	GOBIN=$(bin) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
