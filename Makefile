# Two commands for newcomers: make demo, make test. Paths are relative: they may hold spaces.
comma := ,
PYTHON ?= python3
SEARCH ?= database
DEMO_SERVICES = postgresql$(if $(filter elasticsearch,$(SEARCH)),$(comma)elasticsearch)
RUN = .venv/bin/python -m ixdjango.services run
TOX = .venv/bin/tox
STAMP = .venv/made

export UV_PYTHON_DOWNLOADS = never

.DEFAULT_GOAL := help
.PHONY: help demo manage test lint bench search-client

help:
	@echo "make demo    the site on http://127.0.0.1:8000/   (PORT=8001, SEARCH=elasticsearch, ARGS=--once)"
	@echo "make manage  a command of the site                 (ARGS='changepassword admin')"
	@echo "make test    every suite on throw-away services     (ARGS='packages/ixdjango -- -k deploy')"
	@echo "make lint    style, types and documentation"
	@echo "make bench   every benchmark against its peer"

# The stamp is written last: without it a .venv is half-made and begun anew.
$(STAMP): uv.lock
	@$(PYTHON) tools/check_python.py
	@test -e $(STAMP) || echo "Making .venv, which takes half a minute and is done once."
	@test -e $(STAMP) || { rm -rf .venv && $(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check uv; }
	@.venv/bin/uv sync --locked --inexact --quiet --python .venv/bin/python
	@touch $(STAMP)

# The client of the Elasticsearch that is there: server and client share their major.
search-client: $(STAMP)
	@major=$$(.venv/bin/python -m ixdjango.services explain --services elasticsearch --json | .venv/bin/python -c 'import json, sys; print(json.load(sys.stdin)["elasticsearch"]["major"] or "")') && \
	test -z "$$major" || .venv/bin/uv sync --locked --inexact --quiet --group "es$$major"

demo: $(STAMP) $(if $(filter elasticsearch,$(SEARCH)),search-client)
	@exec $(RUN) --services $(DEMO_SERVICES) -- .venv/bin/python testproject/manage.py demo $(if $(PORT),--port $(PORT)) $(ARGS)

manage: $(STAMP)
	@exec $(RUN) --services $(DEMO_SERVICES) -- .venv/bin/python testproject/manage.py $(ARGS)

test: $(STAMP) search-client
	@exec $(RUN) --throw-away -- .venv/bin/python tools/test.py $(ARGS)

lint: $(STAMP)
	@$(TOX) run -q -e lint,types,docs

bench: $(STAMP)
	@$(TOX) run -q -e bench -- $(ARGS)
