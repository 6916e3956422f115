# What CI calls and what a day of work needs. `just` lists the recipes.

default:
    @just --list

# A virtual environment with the package as an editable install
setup:
    .ci/packages
    python3 -m venv .venv
    .venv/bin/pip install --constraint constraints.txt maturin
    .venv/bin/maturin develop --release --extras test,lint

# Format both languages
fmt:
    cargo fmt --manifest-path rust_core/Cargo.toml --all
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# Lints, types and stubs
lint:
    .ci/lint

# All tests, the Rust ones included
test *arguments:
    .venv/bin/pytest {{ arguments }}

# Benchmarks beside the rivals; writes benchmarks/RESULTS.md
bench *arguments:
    .venv/bin/python benchmarks/run.py {{ arguments }}

# Fuzz a target for some seconds
fuzz target="targets" seconds="300":
    cd rust_core/fuzz && RUSTC_BOOTSTRAP=1 cargo fuzz run {{ target }} -- -max_total_time={{ seconds }}

# The generated parts of the documentation
docs:
    .venv/bin/python docs/generate_cli.py
