# Two commands matter: `make run` starts the server, `make test` runs all tests.
# `make demo` starts it with an account that is full of made-up entries.
# Both set up what they need in .venv; Python 3.11 or later is all they ask for.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := pryvsite accounts streams events accesses tests scripts bench manage.py

.PHONY: run demo screenshots bench test check format lock clean

run: .venv/run.stamp
	@exec $(BIN)/python -m pryvsite.serve

demo: .venv/run.stamp
	@exec $(BIN)/python -m pryvsite.demo

screenshots: .venv/dev.stamp
	@$(BIN)/python scripts/screenshots.py $(VIEWS)

test: .venv/dev.stamp
	@$(BIN)/python scripts/run_tests.py

bench: .venv/dev.stamp
	@$(BIN)/python -m bench $(BENCH)

check: .venv/dev.stamp
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	VAR_DIR=.venv/var $(BIN)/python manage.py makemigrations --check --dry-run

format: .venv/dev.stamp
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

lock: .venv/dev.stamp
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile $(LOCK) -o requirements.txt requirements.in
	$(BIN)/pip-compile $(LOCK) -o requirements-dev.txt requirements-dev.in
	$(BIN)/pip-compile $(LOCK) -o requirements-build.txt requirements-build.in
	$(BIN)/pip-compile $(LOCK) -o requirements-fast.txt requirements-fast.in

LOCK := --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-emit-trusted-host --strip-extras --allow-unsafe --no-header

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed; PYTHON=python3.12 make … chooses one." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv

INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes
FAST := requirements-build.txt requirements-fast.txt

# The fast HTTP parser is built here, which can fail; everything works without it, only slower.
define build_fast
	@{ $(INSTALL) -r requirements-build.txt && $(INSTALL) --no-build-isolation -r requirements-fast.txt; } \
		> .venv/fast.log 2>&1 || echo "The fast HTTP parser can't be built here (see .venv/fast.log; it takes a C \
	compiler and Python's headers): going on without."
endef

.venv/run.stamp: requirements.txt $(FAST) | .venv/bin/python
	@echo "Installing what the server needs…"
	@$(INSTALL) -r requirements.txt
	$(build_fast)
	@touch $@

.venv/dev.stamp: requirements-dev.txt $(FAST) | .venv/bin/python
	@echo "Installing what checks and tests need…"
	@$(INSTALL) -r requirements-dev.txt
	$(build_fast)
	@touch $@ .venv/run.stamp

clean:
	rm -rf .venv
