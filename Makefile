# Each target is a task; `make run` needs Go and Node.js and nothing else.

web   := internal/playground/web
page  := internal/playground/dist/index.html.gz
parts := $(wildcard $(web)/index.html $(web)/*.js $(web)/src/* internal/playground/queries/*)
bin   := $(CURDIR)/bin
fuzz  ?= 10s
typed := examples/typescript
gate  := testdata/federation

.PHONY: run test check fmt bench fuzz generate playground federation tools

run: $(page) ## builds what is missing and starts Portico with the emulator
	go run .

test: $(page) $(typed)/node_modules/.package-lock.json federation ## all tests, those in the browser too
	go test -race ./...

check: $(bin)/golangci-lint ## all that must hold before a change is handed in
	set -e; sums() { find . -name '*.go' -exec sha256sum {} + | sort -k2; }; before=$$(sums); $(MAKE) generate; \
		test "$$before" = "$$(sums)" || { echo 'make generate changed files: hand them in too' >&2; exit 1; }
	go mod tidy -diff
	go -C examples/go mod tidy -diff
	go vet ./...
	$(bin)/golangci-lint run ./... # its formatter is gofumpt
	$(MAKE) test

bench: ## how fast it is, beside a bare reverse proxy
	go run ./bench

fuzz: ## each fuzz target for a moment: make fuzz fuzz=1m
	grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u | while read -r dir; do \
		go test -list '^Fuzz' "$$dir" | grep '^Fuzz' | while read -r target; do \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(fuzz) "$$dir" || exit 1; \
		done || exit 1; \
	done

fmt: $(bin)/golangci-lint ## gofumpt, where it is needed
	$(bin)/golangci-lint fmt

generate: $(typed)/node_modules/.package-lock.json ## gqlgen and the clients of the examples, from schema.graphqls
	go run github.com/99designs/gqlgen generate
	go -C examples/go generate
	npm --prefix $(typed) run --silent generate

playground: $(page) ## the page that the binary serves at /

$(page): $(web)/node_modules/.package-lock.json $(parts)
	npm --prefix $(web) run --silent build

federation: $(gate)/node_modules/.package-lock.json ## what tests need from npm: a federation gateway, and graphql-js

%/node_modules/.package-lock.json: %/package-lock.json
	npm --prefix $* ci --no-audit --no-fund

tools: $(bin)/golangci-lint ## what check needs, into ./bin

$(bin)/golangci-lint:
	GOBIN=$(bin) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
