# Each recipe is one program that takes our place, so that signals and exit codes are its own.
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench format messages lock

help:  ## Show this list
	@sed -n 's/^\([a-z]*\):  *## /\1	/p' $(MAKEFILE_LIST) | expand -t 12

run:  ## Start everything on 127.0.0.1 (make run PORT=8001); Ctrl-C stops it
	@exec $(PYTHON) -m tools.run

test:  ## Run all tests, browser journeys included (make test ARGS="-k clients -x")
	@exec $(PYTHON) -m tools.test $(ARGS)

check:  ## Format, lint, types, import rules, templates, migrations
	@exec $(PYTHON) -m tools.check

bench:  ## Print the measures: page times, requests per second, memory
	@exec $(PYTHON) -m tools.dev bench $(ARGS)

format:  ## Format Python and templates in place
	@exec $(PYTHON) -m tools.dev format

messages:  ## Collect the translatable texts again, and compile them
	@exec $(PYTHON) -m tools.dev messages

lock:  ## Compile requirements*.in into the hashed locks (ARGS=--upgrade for newer versions)
	@exec $(PYTHON) -m tools.dev lock $(ARGS)
