# The one door. Each target installs what it needs into the tree (.tools/, .venv/) and nothing elsewhere.
# Needs: Python 3.11 or newer with pip; npm for the real agents; Chromium, if it is there, for the pages; the compilers, nginx and wrk only for `make bench`.

UV := .tools/uv/bin/uv
RUN := .venv/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: up release minute test check lint e2e whole llama bench bench-ledger pictures kill restarts backups soak oracle install help

help: ## Show the targets.
	@grep -E '^[a-z0-9]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

install: .venv/.installed ## Install Headgate and its tools into .venv, pinned by uv.lock.

$(UV):
	python3 -m pip install --quiet --disable-pip-version-check --target .tools/uv uv

VEGA := src/headgate/web/ui/static/vega.js.gz

.venv/.runtime: pyproject.toml uv.lock hatch_build.py | $(UV) # keeps what developers have installed
	$(UV) sync --frozen --no-dev --inexact --compile-bytecode
	@$(RUN)/python -m compileall -q src # or every start would compile where nothing may be written (PYTHONDONTWRITEBYTECODE)
	@touch $@

.venv/.installed: pyproject.toml uv.lock hatch_build.py $(VEGA) | $(UV)
	$(UV) sync --frozen --quiet --compile-bytecode
	@$(RUN)/python -m compileall -q src
	@touch $@ .venv/.runtime

$(VEGA): hatch_build.py | $(UV) # the build of Headgate writes it; uv repeats no build that it has done before, so ask for this one
	$(UV) sync --frozen --quiet --reinstall-package headgate
	@touch $@

up: .venv/.runtime ## Install what runs, and start the demo: it answers without any key. From then on ./headgate is the command.
	./headgate up --demo

release: install ## Write dist/: the wheel, the source archive, and requirements.txt with the hashes of every package that runs.
	rm -rf dist
	$(UV) build --out-dir dist
	$(UV) export --frozen --quiet --no-dev --no-emit-project --format requirements-txt --output-file dist/requirements.txt

minute: release ## Time the first minute of a new user: install the wheel, start, make a token, ask, connect agents. Prints the transcript.
	$(RUN)/python -m bench.minute

check: install ## Lint, types, layers.
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	$(RUN)/mypy
	$(RUN)/lint-imports

# In three processes: tests that start a gateway wait for about half of their time. In order: the long modules of tests/e2e come before the short ones of tests/unit.
test: check ## Everything that must hold before a commit, in about a quarter of an hour on two cores.
	$(RUN)/pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m "not slow and not kill"

# In an environment of its own: beside its source a compiled module would hide what is changed in the source.
TESTS := tests -n 3 --dist loadscope --no-loadscope-reorder
.PHONY: compile compiled
compile: $(UV) ## Build the wheel whose hot modules are compiled, and install it into .compiled/venv. Needs a C compiler.
	rm -rf .compiled/dist
	HEADGATE_COMPILED=1 $(UV) build --wheel --out-dir .compiled/dist
	UV_PROJECT_ENVIRONMENT=.compiled/venv $(UV) sync --frozen --quiet --no-install-project --compile-bytecode
	$(UV) pip install --quiet --compile-bytecode --python .compiled/venv/bin/python --no-deps --reinstall .compiled/dist/*.whl
	.compiled/venv/bin/headgate --version

compiled: compile ## Run the default tests on the compiled wheel, or TESTS="…".
	HEADGATE_TESTED=compiled .compiled/venv/bin/pytest -q -o pythonpath=. -m "not slow and not kill" $(TESTS)

e2e: install ## The real agents and the official SDKs, every journey.
	$(RUN)/pytest -q tests/e2e -m "not kill"

whole: install ## Every test but the kill loops: with the long ones, and four times as many drawn examples.
	HEADGATE_EXAMPLES=all $(RUN)/pytest -q -n 3 --dist loadscope --no-loadscope-reorder -m "not kill"

llama: install ## Every client on a real server of models, llama.cpp with a model that the test writes itself: installs the server (200 MB) and asks it.
	$(UV) sync --frozen --quiet --group llama
	$(RUN)/pytest -q tests/e2e/test_llama_cpp.py

restarts: install ## Two hundred restarts under 100 streams and 200 requests a second: no connection refused, no answer cut off, every row and count right. RESTARTS sets how many.
	$(RUN)/pytest -q -s tests/e2e/test_restart.py -m kill

kill: install ## A hundred rounds of kill -9 under streams and exports, twenty power cuts: nothing acknowledged lost, nothing doubled, every count of limits and budgets right.
	$(RUN)/pytest -q -m kill

backups: install ## Twenty backups of a gateway under streams and exports, while its tables are merged and vacuumed; each restored, every table compared.
	$(RUN)/pytest -q -s -m slow tests/e2e/test_backup.py

soak: install ## Twenty minutes of streams after ten to warm up, then thousands of the flusher's rounds: fails if a process grows by more than 1 MB an hour. SOAK="--minutes 120 --gap 0.5 --streams 20" is two hours at a low load. Needs wrk.
	$(RUN)/python -m bench.soak $(SOAK)
	$(RUN)/python -m bench.soak_rounds

oracle: .oracle/.installed ## Ask Spark what every statement of the SQL corpus gives, and write tests/oracle/expected/. Needs Java 17; installs PySpark into .oracle (480 MB).
	PYTHONPATH=. .oracle/bin/python -m tests.oracle.make --anew
	PYTHONPATH=src:. $(RUN)/python -m tests.oracle.compare

.oracle/.installed: | $(UV) # apart from .venv: PySpark is no part of the lock
	$(UV) venv --quiet --clear .oracle
	$(UV) pip install --quiet --python .oracle/bin/python pyspark==4.3.0 "$$($(UV) export --frozen --no-hashes --quiet | grep '^pyarrow==')"
	@touch $@

bench-ledger: install ## The joined ledger's views over five million usage rows, before and after their days are settled. Prints only.
	$(RUN)/python -m bench.ledger

bench: install compile ## CPU, latency and memory beside nginx, a Go proxy, LiteLLM and Portkey; then the tables, what governance and translation cost, and the pages in a browser. Rewrites docs/benchmarks*.md.
	$(RUN)/python -m bench
	$(RUN)/python -m bench.latency
	$(RUN)/python -m bench.streams
	$(RUN)/python -m bench.crowds
	$(RUN)/python -m bench.sizing
	$(RUN)/python -m bench.tables
	$(RUN)/python -m bench.governance
	$(RUN)/python -m bench.added
	$(RUN)/python -m bench.translated
	$(RUN)/python -m bench.compiling
	$(RUN)/python -m bench.pages

pictures: install ## Take the pictures of docs/pictures from the demo, light and dark. Needs Chromium.
	$(RUN)/python -m bench.pictures
