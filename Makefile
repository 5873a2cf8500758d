# `make` alone lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help

BIN     ?= bin/yidaitong
DIR     ?= demo
GOFLAGS_TEST ?= -timeout 20m
LINTER  := bin/golangci-lint

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F':.*## ' '{printf "  %-12s %s\n", $$1, $$2}'

.PHONY: setup
setup: ## install what building, testing and the pages need (by apt when root, else says the line to type)
	@./tools/setup.sh
	@go mod download

.PHONY: assets
assets: platform/portal/assets/.stamp ## fetch the pages' scripts and styles by lock file

platform/portal/assets/.stamp: package.json package-lock.json platform/portal/assets.sh platform/portal/icons.txt $(wildcard platform/portal/web/*)
	npm ci --no-audit --no-fund --silent
	./platform/portal/assets.sh
	@touch $@

.PHONY: build
build: assets ## build the binary with the pages' assets in it (BIN=path)
	@mkdir -p $(dir $(BIN))
	go build -trimpath -o $(BIN) ./cmd/yidaitong

.PHONY: demo
demo: setup build ## set up a small city, carry a loan through it, then serve the portals at http://127.0.0.1:8080
	$(BIN) demo --dir $(DIR)

.PHONY: test
test: setup assets ## run all tests (SQLite, PostgreSQL, Chromium)
	go test $(GOFLAGS_TEST) ./...
	go test $(GOFLAGS_TEST) -race $(shell cat tools/race.txt)

.PHONY: check
check: assets $(LINTER) ## check format, generated code, vet, lint and the import rules
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "format these files with gofmt -w"; exit 1; }
	@go tool templ generate -path platform/portal >/dev/null 2>&1 && git diff --exit-code --stat -- 'platform/portal/*_templ.go' || { echo "generated pages are stale: run 'make generate' and commit"; exit 1; }
	go vet ./...
	$(LINTER) run ./...
	./tools/odcs.sh # every data contract against the standard's own JSON schema
	go test -run 'TestImport|TestNothing' . # the import rules, and nothing of one machine in the tree

.PHONY: generate
generate: ## write the generated code again (protobuf, templ)
	@mkdir -p bin
	go build -o bin/protoc-gen-go google.golang.org/protobuf/cmd/protoc-gen-go
	go build -o bin/protoc-gen-connect-go connectrpc.com/connect/cmd/protoc-gen-connect-go
	PATH="$(CURDIR)/bin:$$PATH" protoc -I . --go_out=. --go_opt=module=github.com/yidaitong/yidaitong \
		--connect-go_out=. --connect-go_opt=module=github.com/yidaitong/yidaitong,simple border/v1/border.proto
	go tool templ generate -path platform/portal

$(LINTER): tools/go.mod tools/go.sum
	@mkdir -p bin
	go build -C tools -o ../$(LINTER) github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: bench
bench: build ## measure the demo and the latency of a report
	go run ./bench/demo -bin $(BIN)

.PHONY: clean
clean: ## remove what was built (not the demo's folder)
	rm -rf bin node_modules
	find platform/portal/assets -mindepth 1 ! -name README.md -delete
