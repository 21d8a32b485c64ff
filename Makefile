# Thin names for dev.py, which also works where there is no make.
PYTHON ?= python3
ARGS ?=

.PHONY: help demo test newest doctest lint types docs links generate examples bench stats wheel all clean
.DEFAULT_GOAL := help

help:
	@$(PYTHON) dev.py --help

demo test newest doctest lint types docs links generate examples bench stats wheel all:
	@$(PYTHON) dev.py $@ $(ARGS)

clean:
	rm -rf .venv .venv-newest .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* \
		build dist docs/_build docs/api/generated leakcheck-demo
