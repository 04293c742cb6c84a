# Each target does what it needs first and remembers it in a stamp file, so a second call is quick.
# Variables to set on the command line: PYTHON=python3.12  DEMO=no  POSTGRES=no  REDIS=no  CLAMAV=no  BROWSER=no  PYTEST_ARGS="-x tests/warranty"

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq install
PYTEST_ARGS ?= -n 2 --dist loadgroup
STATIC := static/dist/manifest.json
RUN_STAMP := $(VENV)/.stamp-run
DEV_STAMP := $(VENV)/.stamp-dev

export ASSETCARE_DATA ?= $(CURDIR)/data

.PHONY: help serve test lint format bench bench-nightly docs rules assets wheel sbom clean setup services static-if-possible

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(RUN_STAMP) static-if-possible ## start Assetcare with demo data (state in ./data, or where ASSETCARE_DATA says)
	@[ "$(DEMO)" = no ] || $(BIN)/assetcare demo
	@exec $(BIN)/assetcare serve

test: setup services assets ## run all tests, on SQLite and on servers of their own (PostgreSQL, Redis)
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(DEV_STAMP) ## check style, types and the packaging files
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q -m "not slow" tests/test_packaging.py

format: $(DEV_STAMP) ## put the code into the house's format
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

rules: $(DEV_STAMP) services ## show which rules of the source documents have a passing test
	@$(BIN)/python -m pytest -q --no-header --rules -m rule $(PYTEST_ARGS)

bench: $(DEV_STAMP) ## measure speed, printed as ratios
	@$(BIN)/python -m bench

bench-nightly: $(DEV_STAMP) ## measure what takes long, too: 5 GB up and down through an S3 store
	@$(BIN)/python -m bench
	@$(BIN)/python -m bench flows-s3

docs: $(RUN_STAMP) ## write the generated documents: docs/openapi.json, docs/settings.md and docs/permissions.md
	@tools/generate_docs.sh $(BIN)/assetcare docs

assets: $(STATIC) ## copy the front-end libraries from npm into static/dist

wheel: assets $(DEV_STAMP) ## build the wheel into dist/
	@rm -rf build
	@$(BIN)/python -m build --wheel --outdir dist .
	@rm -rf build

sbom: wheel ## list what the release is made of (CycloneDX), into dist/
	@tools/make_venv.sh $(PYTHON) build/sbom
	@build/sbom/bin/python -m pip --disable-pip-version-check -qq install dist/assetcare-*.whl
	@rm -f build/sbom/lib/python3*/site-packages/assetcare-*.dist-info/direct_url.json
	@build/sbom/bin/python -m pip --disable-pip-version-check -qq uninstall --yes setuptools pip
	@tools/make_sbom.sh build/sbom/bin/python dist $(BIN)/cyclonedx-py
	@rm -rf build

setup: $(DEV_STAMP) ## install everything that development and tests need into .venv

services: ## make sure that PostgreSQL, Redis, ClamAV and Chromium are there for the tests
	@[ "$(POSTGRES)" = no ] || tools/need_postgres.sh
	@[ "$(REDIS)" = no ] || tools/need_redis.sh
	@[ "$(CLAMAV)" = no ] || tools/need_clamav.sh
	@[ "$(BROWSER)" = no ] || tools/need_chromium.sh

clean: ## remove all that make has built (your data stays)
	@rm -rf $(VENV) node_modules static/dist static/dist.new build dist *.egg-info
	@rm -rf .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find registry tests plugins bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/.stamp-venv:
	@tools/make_venv.sh $(PYTHON) $(VENV)
	@touch $@

$(RUN_STAMP): $(VENV)/.stamp-venv setup.cfg pyproject.toml
	@echo "Installing Assetcare into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(DEV_STAMP): $(VENV)/.stamp-venv setup.cfg pyproject.toml
	@echo "Installing Assetcare with its test and development tools into $(VENV) ..."
	@$(PIP) --editable '.[test,dev]'
	@touch $(RUN_STAMP) $@

$(STATIC): package.json package-lock.json tools/build_static.mjs
	@command -v npm >/dev/null || { echo "The front-end libraries need Node.js 20 with npm: install it, then run make again."; exit 1; }
	@npm ci --silent
	@node tools/build_static.mjs

static-if-possible:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory --silent assets; \
	else echo "npm is missing: pages will look plain until Node.js 20 is installed and make assets has run."; fi
