# Everything runs in a virtual environment of its own, with the versions of constraints.txt.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
PIP     = $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install demo test lint bench bench-ssh docs docs-check messages constraints clean

help:            ## this list
	@sed -n 's/^\([a-z-]*\): *[^#]*## */\1	/p' $(MAKEFILE_LIST) | expand -t 14

install: $(VENV)/.installed    ## a virtual environment with the collector in it
demo: $(VENV)/.installed       ## poll this machine and a simulated province, show what was found
	$(BIN)/collector demo demo

test: $(VENV)/.dev             ## the test suite, on all cores
	$(BIN)/pytest -n auto $(PYTEST)

lint: $(VENV)/.dev             ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev            ## the figures of docs/performance.md (BENCH="--help" lists the options)
	$(BIN)/python -m benchmarks $(BENCH)

bench-ssh: $(VENV)/.dev        ## those of polling by SSH, 500 fake devices and 64 servers
	$(BIN)/python -m benchmarks ssh $(BENCH)

docs: $(VENV)/.dev             ## write the generated documents anew
	$(BIN)/python docs/generate.py

docs-check: $(VENV)/.dev       ## are the generated documents up to date?
	$(BIN)/python docs/generate.py --check

messages: $(VENV)/.dev         ## bring the reports' messages into the catalogues, to be translated there
	$(BIN)/pybabel -q extract --no-default-keywords -k say -k say_many:1,2 --add-location=file --sort-by-file --omit-header -o messages.pot collector/report collector/cli/report_table.py
	for code in vi; do $(BIN)/pybabel -q update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120 \
	  -l $$code -i messages.pot -o collector/report/locale/$$code.po || exit 1; done
	rm messages.pot

constraints:     ## the newest versions of everything, into constraints.txt
	$(PYTHON) -m venv $(VENV)-newest
	$(VENV)-newest/bin/pip install --quiet --upgrade pip
	$(VENV)-newest/bin/pip install --quiet --editable . --group dev
	{ head -n 1 constraints.txt; $(VENV)-newest/bin/pip list --format=freeze --exclude-editable | grep -v ^setuptools; } > constraints.new
	mv constraints.new constraints.txt && rm -rf $(VENV)-newest

clean:           ## remove the virtual environment, caches and the demo
	rm -rf $(VENV) demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one by PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "on Debian: apt-get install python3-venv" >&2; exit 1; }
	@$(PIP) --upgrade pip

$(VENV)/.installed: $(VENV)/bin/pip pyproject.toml constraints.txt
	@echo "installing into $(VENV) ..."
	@$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.installed
	@$(PIP) --group dev
	@touch $@
