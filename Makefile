# Two commands: `make demo` shows the product, `make test` proves it.
# Both build .venv by themselves; nothing else is needed by hand.

PYTHON ?= python3
PORT ?= 8400
RUNS ?= 1000000
TIMES ?= 10
BIN := .venv/bin

.PHONY: demo test types suite torture servers client lock clean bench fuzz

demo: .venv/demo.stamp
	@$(BIN)/guidepath demo --port $(PORT)

test: .venv/test.stamp servers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory -j2 types suite

types: .venv/test.stamp
	$(BIN)/mypy

# In the order of tests/conftest.py, what takes longest first.
SUITE := $(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

# The tests start a thousand programs, which need not compile the same modules again.
suite torture: export PYTHONDONTWRITEBYTECODE =

suite: .venv/test.stamp servers
	$(SUITE)

# The faults of docs/reliability.md, and rules against SQL, ten times as many of each: TIMES=1 tries.
torture: .venv/test.stamp servers
	GUIDEPATH_TORTURE=$(TIMES) $(SUITE) tests/faults tests/adapters/warehouses

bench: .venv/bench.stamp
	$(BIN)/python -m benchmarks

# A million rules, and a tenth as many playbooks, changed until something breaks: RUNS=10000 tries.
fuzz: .venv/bench.stamp
	$(BIN)/python -m tests.fuzz rules --runs $(RUNS)
	$(BIN)/python -m tests.fuzz playbooks --runs $$(($(RUNS) / 10))

# uv is fetched first, pinned by hash like everything after it.
.venv/uv.stamp: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit("guidepath needs Python 3.11 or later, this is %s: make PYTHON=python3.11 …" % sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	@echo "setting up .venv, once: a moment"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/demo.stamp: requirements/demo.txt pyproject.toml .venv/uv.stamp
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/demo.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@

# Spark and ClickHouse are large, and have a lock of their own.
.venv/test.stamp: requirements/test.txt requirements/warehouses.txt pyproject.toml .venv/uv.stamp
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/test.txt -r requirements/warehouses.txt
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps -e .
	@touch $@ .venv/demo.stamp

# Other engines, to measure beside.
.venv/bench.stamp: requirements/bench.txt .venv/test.stamp
	@VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --compile-bytecode --require-hashes -r requirements/bench.txt
	@touch $@

# The tests need real servers and a Chromium; a machine that has them keeps its own.
servers:
	@sh tests/install.sh

# What browsers load, made of src/guidepath/client after a change there, with its types.
client: .venv/test.stamp
	$(BIN)/python -m tests.client.building
	GUIDEPATH_DECLARATIONS=1 $(BIN)/pytest -n 0 tests/client/test_types.py

# After a change of dependencies: hashes only, no address is recorded.
lock: .venv/uv.stamp
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra demo pyproject.toml -o requirements/demo.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra all --extra testing --group test -c requirements/demo.txt pyproject.toml -o requirements/test.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --extra spark --extra clickhouse -c requirements/test.txt pyproject.toml -o requirements/warehouses.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group bench -c requirements/test.txt -o requirements/bench.txt

clean:
	rm -rf .venv
