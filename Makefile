# make help lists the targets. Everything happens in .venv, set up once from requirements.lock.

SHELL := /bin/sh
VENV := .venv
SITE := .venv-site
BIN := $(VENV)/bin
READY := $(VENV)/ready
.DEFAULT_GOAL := help
.PHONY: help setup reproduce test lab check refresh lock clean

help:  ## list the targets
	@echo "make reproduce  run every notebook, export every figure, compare with the committed ones"
	@echo "make test       run all tests, the notebooks among them"
	@echo "make lab        open the notebooks in JupyterLab"
	@echo "make check      check tables and bibliography against every rule"
	@echo "make refresh    after a change: renew all that is made from tables and code"
	@echo "make lint       style, types and layers"
	@echo "make mutants    change one thing at a time and see whether the tests notice"
	@echo "make site       write the whole collection as plain pages into build/site"
	@echo "make test-browser  the explorer and the site in a real browser; needs Chromium"
	@echo "make lock       renew requirements.lock from pyproject.toml"
	@echo "make clean      remove .venv and build"
	@echo "PYTHON=… names another Python; 3.11 to 3.13 will do."

# The first Python that is new enough and can make environments; a reason for each that is not.
$(READY): requirements.lock pyproject.toml
	@found=; reasons=; \
	for python in $(PYTHON) python3 python3.13 python3.12 python3.11 python; do \
	  command -v "$$python" >/dev/null 2>&1 || continue; \
	  version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    reasons="$$reasons  $$python is Python $$version; 3.11 or newer is needed.\n"; continue; fi; \
	  if ! "$$python" -c 'import venv, ensurepip' 2>/dev/null; then \
	    reasons="$$reasons  $$python ($$version) cannot make environments: its venv module is not installed.\n"; continue; fi; \
	  found=$$python; break; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "No Python was found that can be used here."; printf "%b" "$$reasons"; \
	  echo "Install Python 3.11, 3.12 or 3.13 with venv: from python.org, with conda, or on Debian and"; \
	  echo "Ubuntu with  sudo apt install python3 python3-venv . Then run make again, or name it:"; \
	  echo "  make $(or $(MAKECMDGOALS),test) PYTHON=/path/to/python3"; \
	  exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$found" --version); this takes a minute or two."; \
	rm -rf $(VENV) && "$$found" -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $(READY)

setup: $(READY)  ## set up .venv

reproduce: $(READY)
	@$(BIN)/relnotes reproduce

test: $(READY)
	@$(BIN)/python -m pytest

lint: $(READY)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports 
.PHONY: lint

mutants: $(READY)
	@$(BIN)/python tests/mutants/run.py
	@$(BIN)/python tests/mutants/run.py --sample 200
.PHONY: mutants

lab: $(READY)
	@$(BIN)/jupyter lab --ServerApp.root_dir="$(CURDIR)" notebooks/00-start-here.ipynb

check: $(READY)
	@$(BIN)/relnotes check

refresh: $(READY)
	@$(BIN)/relnotes refresh

# uv is used for this alone: it resolves for all platforms at once and writes no addresses.
lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile pyproject.toml --group test --group build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --quiet --output-file requirements.lock \
	  --custom-compile-command "make lock"
	@$(BIN)/uv pip compile pyproject.toml --extra site --group test --group build --group browser \
	  --constraint requirements.lock --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --quiet --output-file requirements-site.lock \
	  --custom-compile-command "make lock"

# The site and the browser have an environment of their own, so that the students' does not grow.
$(SITE)/ready: requirements-site.lock pyproject.toml $(READY)
	@echo "Setting up $(SITE); this takes a minute or two."
	@rm -rf $(SITE) && $(BIN)/python -m venv $(SITE)
	@$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements-site.lock
	@$(SITE)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index --editable .
	@touch $(SITE)/ready

site: $(SITE)/ready
	@$(SITE)/bin/relnotes site --since docs/releases/0.1.0.zip
.PHONY: site

test-browser: $(SITE)/ready
	@$(SITE)/bin/python -m pytest tests/browser -o addopts="-p no:cacheprovider -n 2"
.PHONY: test-browser

clean:
	rm -rf $(VENV) $(SITE) build
