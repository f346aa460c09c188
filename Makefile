# Two commands for a newcomer: `make demo` and `make test`. The rest is for people who work here.
PYTHON ?= python3.11
VENV   := .venv
BIN    := $(VENV)/bin
# A folder of local wheels (a CPU build of torch, say) is preferred where it exists; otherwise the index decides.
WHEELS := $(wildcard ../shared/wheels)
ifneq ($(WHEELS),)
export PIP_FIND_LINKS := $(abspath $(WHEELS))
endif
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt

.PHONY: help demo test test-long lint format verify fuzz chaos soak try evaluate tour peers bench bench-quick sbom audit images clean
.DEFAULT_GOAL := help

help:  ## Show these lines
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

$(VENV)/.run: pyproject.toml constraints.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: $(PYTHON) was not found (set PYTHON=/path/to/python3.11)"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 7))' || { echo "Python 3.11 is needed, $(PYTHON) is another one: name it with 'make PYTHON=/path/to/python3.11'"; exit 1; }
	@$(PYTHON) jobs/runtime/preflight.py
	@test -x $(BIN)/python || { echo "Making a virtual environment in $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@$(BIN)/python jobs/runtime/preflight.py || { echo "$(VENV) was made with another Python: run 'make clean' first"; exit 1; }
	@echo "Installing Interestream and what it runs on (a few minutes the first time)"
	@$(PIP_INSTALL) -e '.[job,export,serve]'
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Installing the test and lint tools"
	@$(PIP_INSTALL) -e '.[job,export,serve,dev]'
	@touch $@

demo: $(VENV)/.run  ## Install, then watch the job follow a simulated population
	@$(BIN)/interestream demo $(ARGS)

test: $(VENV)/.dev  ## Run the tests against real parts (embedded Postgres, local Flink, a real encoder)
	@$(BIN)/python -m pytest $(if $(filter tests/%,$(ARGS)),,-m "not long") $(ARGS)

test-long: $(VENV)/.dev  ## The tests that `make test` leaves out, for what takes minutes
	@$(BIN)/python -m pytest -m long $(ARGS)

lint: $(VENV)/.dev  ## ruff, mypy and sqlfluff
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy interestream jobs udfs model_export sql tests bench examples && $(BIN)/sqlfluff lint -q sql

format: $(VENV)/.dev  ## Format Python and SQL
	@$(BIN)/ruff check --fix . ; $(BIN)/ruff format . ; $(BIN)/sqlfluff fix -q sql

verify: $(VENV)/.run  ## DATA=path-or-"simulator": replay it, recompute it with numpy, compare every row
	@$(BIN)/python -m bench.verify $(DATA) $(ARGS)

fuzz: $(VENV)/.run  ## 100,000 broken records through the whole job, each accounted for
	@$(BIN)/python -m bench.fuzz $(ARGS)

chaos: $(VENV)/.run  ## 20 faults after another into a job as in production, then every row compared (ARGS="--seed 2")
	@$(BIN)/python -m bench.chaos $(ARGS)

soak: $(VENV)/.dev  ## An hour at half of the top rate: memory, delays and checkpoints must stay flat (nothing else should run)
	@$(BIN)/python -m bench.soak $(ARGS)

try: $(VENV)/.run  ## DATA=path: start everything, replay the data set, keep it up to be asked
	@$(BIN)/interestream try $(DATA) $(ARGS)

evaluate: $(VENV)/.run  ## DATA=path-or-"simulator": how often recommend() finds what users turned to next, beside baselines
	@$(BIN)/interestream evaluate $(DATA) $(ARGS)

tour: $(VENV)/.run  ## DATA="path path ...": write docs/tour.md from real answers
	@$(BIN)/python -m bench.tour $(DATA) $(ARGS)

PEERS := .interestream/peers
$(PEERS)/.run: bench/peers/requirements.txt
	@echo "Installing the engines that the job is measured beside, in an environment of their own"
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install --disable-pip-version-check --quiet --requirement $<
	@touch $@

peers: $(PEERS)/.run  ## Install Bytewax and Pathway for the benchmark

bench: $(VENV)/.dev $(PEERS)/.run  ## Measure everything beside its reference: a table, JSON and plots (hours; nothing else should run)
	@$(BIN)/python -m bench.run $(ARGS)

bench-quick: $(VENV)/.dev $(PEERS)/.run  ## The same with small sizes, to see that it works
	@$(BIN)/python -m bench.run --quick $(ARGS)

sbom: $(VENV)/.dev  ## What the job's and the export's images bring along, as CycloneDX, below .interestream/sbom
	@mkdir -p .interestream/sbom
	@$(BIN)/python docker/sbom.py job,kafka > .interestream/sbom/job.cdx.json
	@$(BIN)/python docker/sbom.py export > .interestream/sbom/export.cdx.json
	@ls .interestream/sbom/*.cdx.json

AUDIT := .interestream/audit
$(AUDIT)/.run: docker/audit-requirements.txt
	@test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	@$(AUDIT)/bin/python -m pip install --disable-pip-version-check --quiet --requirement $<
	@touch $@

audit: $(AUDIT)/.run  ## Ask the package index for known vulnerabilities of all pinned packages (outside the gate)
	@$(AUDIT)/bin/pip-audit --requirement constraints.txt --no-deps --disable-pip --strict --progress-spinner off $(ARGS)

images:  ## Build the images with buildah from Debian, and run the compose file with podman (as root; outside the gate)
	@docker/check/build.sh $(BASE)
	@docker/check/compose.sh

clean:  ## Remove the virtual environment and the embedded data
	@rm -rf $(VENV) .interestream
