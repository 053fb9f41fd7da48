# Two commands matter to a newcomer: `make demo` and `make test`.
# Any Python from 3.11 to 3.14 will do; the first that answers is taken (a name may be there and not
# run), 3.11 first, which most of our measuring was done with. On aarch64 it ends with 3.12.
PYTHONS := python3.11 python3.12 python3.13 python3.14
PYTHON ?= $(firstword $(foreach name,$(PYTHONS),$(shell $(name) -c "import venv" 2>/dev/null && echo $(name))) python3)
EDGE := .venv/edge
FULL := .venv/full
ARGS ?=

.PHONY: help demo test lint bench docs constraints sbom clean
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: $(EDGE)/installed  ## install the edge only and watch a resident on the bundled clip
	$(EDGE)/bin/painwatch demo $(ARGS)

test: $(FULL)/installed  ## install everything and run the whole suite
	sh scripts/system-packages tests/system-packages.txt
	$(FULL)/bin/python -m pytest -n auto --dist loadfile $(ARGS)

lint: $(FULL)/installed  ## style, types, import contracts
	$(FULL)/bin/ruff check .
	$(FULL)/bin/ruff format --check .
	$(FULL)/bin/mypy
	$(FULL)/bin/lint-imports

bench: $(FULL)/installed  ## measure this machine; rows go to docs/results
	$(FULL)/bin/painwatch bench edge --out docs/results/edge.csv $(ARGS)

docs: $(FULL)/installed  ## write the generated pages again
	$(FULL)/bin/python -m edge.config.reference > docs/configuration.md
	$(FULL)/bin/python -m station.config.reference > docs/station-configuration.md
	$(FULL)/bin/python -m edge.mqtt.asyncapi > docs/asyncapi.yaml

constraints: $(FULL)/installed  ## refresh the pinned versions of every installation
	$(FULL)/bin/uv pip compile pyproject.toml $(COMPILE) -o constraints/edge.txt
	$(FULL)/bin/uv pip compile pyproject.toml $(COMPILE) --all-extras -o constraints/full.txt

# One file serves x86-64 and aarch64 and every Python version (markers decide). The header would
# name the command with machine paths, so it is left out.
COMPILE := --universal --python-version 3.11 --upgrade --no-header --quiet

sbom: $(EDGE)/installed $(FULL)/installed  ## write the edge's bill of materials (CycloneDX) to sbom.json
	$(FULL)/bin/cyclonedx-py environment $(SBOM) --output-file sbom.json $(EDGE)

# Reproducible: no time of making, no random serial number.
SBOM := --pyproject pyproject.toml --mc-type application --output-reproducible --of JSON

clean:  ## remove both virtual environments
	rm -rf .venv

$(EDGE)/installed: pyproject.toml constraints/edge.txt
	sh scripts/system-packages scripts/system-packages.txt
	$(PYTHON) -m venv $(EDGE)
	$(EDGE)/bin/pip install --progress-bar on --constraint constraints/edge.txt --editable .
	touch $@

$(FULL)/installed: pyproject.toml constraints/full.txt
	sh scripts/system-packages scripts/system-packages.txt
	$(PYTHON) -m venv $(FULL)
	$(FULL)/bin/pip install --progress-bar on --constraint constraints/full.txt --editable '.[train,station,dev]'
	# The types of TensorRT's Python API. They ask for tensorrt itself, which only a machine with an
	# NVIDIA GPU installs, so they come without what they depend on and stand in no extra.
	$(FULL)/bin/pip install --no-deps tensorrt-stubs==10.13.0.35.1
	touch $@
