# The front door. Every target fetches what it needs first and says so; nothing must be installed by hand but a shell,
# git, make, and npm with any Node.js.

with-node := tools/with-node.sh

.PHONY: help run test test-unit test-e2e check format docs bench build clean

help: ## Show this
	@awk 'BEGIN { FS = ":.*## " } /^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Run the pipeline of examples/fibonacci on this machine
	@$(with-node) tools/run-example.sh

test: ## Install what the tests need where possible, and run them all
	@$(with-node) node tools/test.ts

test-unit: ## The unit tests only: less than a minute, no Docker
	@$(with-node) node tools/test.ts unit

test-e2e: ## The end-to-end tests only
	@$(with-node) node tools/test.ts e2e

check: ## Types, lint, format, layers, generated docs
	@$(with-node) npm run --silent check

format: ## Format the sources and apply safe fixes
	@$(with-node) npm run --silent format

docs: ## Generate docs/reference and the layer table again
	@$(with-node) npm run --silent docs

bench: ## Measure, and print the table that bench/README.md holds
	@$(with-node) node bench/main.ts

build: ## Bundle the command into dist/
	@$(with-node) node tools/build.ts

clean: ## Remove what was built; node_modules stay
	rm -rf dist coverage
