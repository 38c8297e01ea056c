# make book, make test, make lint: each makes the environment .venv first, if it is not there yet.
#
#   make book PYTHON=python3.12            another Python (3.11 to 3.14)
#   make book PIP_OPTIONS="--find-links FOLDER"  options for pip when it installs PyTorch, e.g. where its CPU builds are
#   make book SCALE=quick                  everything recomputed small
#   make book CHAPTERS="dean cblof"        only these chapters are executed if they have changed
#   make book SPHINX=latest                plain Sphinx instead of jupyter-book, into _build/sphinx/html
#   make pdf                               the book printed by Chromium or Chrome; without TeX
#   make test PYTEST_OPTIONS="-x -k cblof" options for pytest

SHELL          = /bin/sh
PIP_OPTIONS    ?=
PYTEST_OPTIONS ?= -n auto --dist loadfile
SCALE          =
CHAPTERS       =
SPHINX         =

VENV   = .venv
BIN    = $(VENV)/bin
# What is installed: the folder and a checksum of the two files that determine it. Absent during an installation.
STAMP  = $(VENV)/anogen-installed
# Present during an installation; left over by an interrupted one.
BUSY   = $(VENV)/anogen-installing
WANTED = $(CURDIR) $$(cat requirements-hashes.lock requirements.lock pyproject.toml | cksum)
# The packages of the lock are verified by their hashes. PyTorch is not in that file: each machine may take the build that
# suits it. uv installs the lock in seconds where it is there.
PIP  = $(BIN)/python -m pip install --disable-pip-version-check $$(test -t 1 || echo --quiet)
LOCK = --require-hashes --no-deps -r requirements-hashes.lock
AUDIT_PIP = .venv-audit/bin/python -m pip install --disable-pip-version-check --quiet

# If PYTHON is set, it is the only candidate.
CANDIDATES = $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python)
# A second environment with a current Sphinx, which finds all other packages in the first.
SPHINX_VENV  = .venv-sphinx
SPHINX_STAMP = $(SPHINX_VENV)/anogen-installed
SUITABLE   = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))

.PHONY: book pdf archive compare-builds test test-fast test-audit lint format lock clean distclean help environment sphinx-environment

help:
	@echo 'make book        execute the notebooks and build the site in _build/html'
	@echo 'make pdf         print the book to _build/anogen.pdf; needs Chromium or Chrome'
	@echo 'make archive     pack site, records and code into _build/anogen-VERSION.zip'
	@echo 'make compare-builds  build the site twice and compare the files byte for byte'
	@echo 'make test        run the tests'
	@echo 'make test-fast   run the tests of the library and the machinery without the slow ones'
	@echo 'make test-audit  test the audit with river, aeon, ONNX and DeepOD, in an environment of its own'
	@echo 'make lint        check style, types, imports and documentation'
	@echo 'make format      format the code'
	@echo 'make lock        update the lock files; needs uv'
	@echo 'make clean       remove what was built'
	@echo 'make distclean   remove the environment .venv, too'
	@echo 'The first one makes the environment .venv. The top of the Makefile lists options.'

# Prints the page to open. Only what has changed is executed and read again.
book: environment $(if $(SPHINX),sphinx-environment)
	$(BIN)/anogen build $(CHAPTERS) $(if $(SCALE),--scale $(SCALE)) $(if $(SPHINX),--sphinx $(SPHINX_VENV)/bin/python)

# Prints the file. A browser prints the pages that `make book` has executed.
pdf: book
	$(BIN)/python -m companion.site.pdf

# Prints the file: the site, the records, the code and their description for machines, with checksums.
archive: book
	$(BIN)/python -m companion.archive

# Builds the site twice from nothing and compares all files; it removes what was built before.
compare-builds: environment
	first=$$(mktemp -d) && trap 'rm -rf "$$first"' EXIT && \
	$(MAKE) clean book && cp -r _build/html "$$first" && $(MAKE) clean book && \
	$(BIN)/python -m companion.site.compare "$$first/html" _build/html

test: environment
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

test-fast: environment
	$(BIN)/python -m pytest $(PYTEST_OPTIONS) -m "not slow" tests/anogen tests/companion

# In an environment of its own, with the packages of requirements-audit.lock: aeon excludes some of the other lock.
test-audit:
	$(or $(PYTHON),python3) -m venv .venv-audit
	$(AUDIT_PIP) --require-hashes --no-deps -r requirements-audit.lock
	$(AUDIT_PIP) $(PIP_OPTIONS) "$$(grep ^torch== requirements.lock)"
	$(AUDIT_PIP) $(PIP_OPTIONS) --no-deps -e .
	.venv-audit/bin/python -m pytest -n 0 tests/anogen/auditing/test_adapters.py tests/anogen/auditing/test_reports.py \
		tests/anogen/test_ci.py

lint: environment
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m numpydoc lint $$(find anogen -name "*.py")

format: environment
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Updates the lock files with uv; versions stay unless pyproject.toml excludes them. `make lock UPGRADE=--upgrade` takes the
# current releases. CUDA packages are left out: PyTorch names those that its CUDA build needs.
UV_COMPILE = uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --no-annotate --no-header
COMPILE = $(UV_COMPILE) pyproject.toml --extra book --extra test -o .lock
WITHOUT = awk '/^[a-z0-9]/ {drop = /^($(1))/} !drop' .lock
lock:
	$(COMPILE) $(or $(UPGRADE),-c requirements.lock)
	(grep '^\#' requirements.lock; $(call WITHOUT,triton|cuda-|nvidia-)) > .lock-new
	mv .lock-new requirements.lock
	$(COMPILE) -c requirements.lock --generate-hashes
	$(call WITHOUT,torch==|triton|cuda-|nvidia-) > requirements-hashes.lock
	$(UV_COMPILE) $(UPGRADE) --group sphinx --generate-hashes -o requirements-sphinx.lock
	grep -E '^(pyod|scikit-learn|torch)==' requirements.lock > .pins
	cp requirements-audit.lock .lock
	$(UV_COMPILE) $(UPGRADE) -c .pins pyproject.toml --extra test --group audit-libraries --generate-hashes -o .lock
	$(call WITHOUT,torch==|triton|cuda-|nvidia-) > requirements-audit.lock
	$(UV_COMPILE) --no-deps --group audit-deepod --generate-hashes >> requirements-audit.lock
	rm .lock .pins

clean:
	rm -rf _build book/chapters dist build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	find anogen book notebooks tests -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean
	rm -rf $(VENV) $(SPHINX_VENV) .venv-audit

# Does nothing if the stamp names this folder and these files. Otherwise installs; an environment that is incomplete, was
# moved or whose Python is gone is re-created.
environment:
	@wanted="$(WANTED)"; \
	if [ "$$(cat $(STAMP) 2>/dev/null)" = "$$wanted" ] && $(BIN)/python -c '' 2>/dev/null; then exit 0; fi; \
	fresh=; \
	if [ -e $(BUSY) ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then fresh=yes; fi; \
	if [ -e $(STAMP) ] && ! grep -qF '$(CURDIR) ' $(STAMP); then fresh=yes; fi; \
	if [ "$$fresh" ]; then \
		python=; \
		for candidate in $(CANDIDATES); do \
			if "$$candidate" -c '$(SUITABLE)' >/dev/null 2>&1; then python=$$candidate; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo 'anogen needs Python 3.11, 3.12, 3.13 or 3.14, and none of these is one: $(CANDIDATES).' >&2; \
			echo 'Install one, or name it: make $(or $(MAKECMDGOALS),book) PYTHON=/path/to/python3.11' >&2; \
			exit 1; \
		fi; \
		echo "Making the environment $(VENV) with $$("$$python" --version)"; \
		rm -rf $(VENV); \
		"$$python" -m venv $(VENV) || exit 1; \
	fi; \
	: > $(BUSY); \
	rm -f $(STAMP); \
	if uv --version >/dev/null 2>&1; then \
		echo 'Installing the packages of requirements.lock into $(VENV) with uv'; \
		UV_LINK_MODE=copy uv pip install --python $(BIN)/python $(LOCK) || exit 1; \
	else \
		echo 'Installing the packages of requirements.lock into $(VENV); the first time this takes minutes (seconds with uv)'; \
		$(PIP) $(LOCK) || exit 1; \
	fi; \
	$(PIP) $(PIP_OPTIONS) "$$(grep ^torch== requirements.lock)" || exit 1; \
	$(PIP) $(PIP_OPTIONS) --no-deps -e . || exit 1; \
	echo "$$wanted" > $(STAMP); \
	rm -f $(BUSY)

sphinx-environment: environment
	@wanted="$(CURDIR) $$(cat requirements-sphinx.lock $(STAMP) | cksum)"; \
	if [ "$$(cat $(SPHINX_STAMP) 2>/dev/null)" = "$$wanted" ]; then exit 0; fi; \
	echo 'Installing the packages of requirements-sphinx.lock into $(SPHINX_VENV)'; \
	rm -rf $(SPHINX_VENV) _build/sphinx; \
	$(BIN)/python -m venv $(SPHINX_VENV) || exit 1; \
	$(SPHINX_VENV)/bin/python -m pip install --disable-pip-version-check --quiet --require-hashes --no-deps \
		-r requirements-sphinx.lock || exit 1; \
	own=$$($(SPHINX_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	first=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
	echo "import site; site.addsitedir('$$first')" > "$$own/anogen.pth" || exit 1; \
	echo "$$wanted" > $(SPHINX_STAMP)
