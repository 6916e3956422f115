"""The Rust tests, so that one command runs all there are."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

MANIFEST = Path(__file__).parent.parent / "rust_core" / "Cargo.toml"


SUITE = Path(__file__).parent.parent.parent / "shared" / "data" / "yaml-test-suite"


@pytest.mark.timeout(900)
def test_yaml_suite() -> None:
    """Every case of the YAML test suite, where its folder stands beside the repository."""
    cargo = shutil.which("cargo")
    if cargo is None or not SUITE.is_dir():
        pytest.skip("no cargo, or no YAML test suite beside the repository")
    command = [cargo, "test", "--locked", "-p", "config", "--test", "suite"]
    command += ["--manifest-path", str(MANIFEST), "--", "--nocapture"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "yaml-test-suite: 284 of 284 cases" in ended.stdout


@pytest.mark.timeout(900)
def test_cargo_workspace() -> None:
    """``cargo test --workspace``: it builds, every test passes, and there are some."""
    cargo = shutil.which("cargo")
    if cargo is None:
        pytest.skip("cargo is not installed, the Rust tests did not run")
    command = [cargo, "test", "--workspace", "--locked", "--manifest-path", str(MANIFEST)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    passed = [line for line in ended.stdout.splitlines() if line.startswith("test result: ok.")]
    counts = [int(line.split()[3]) for line in passed]
    assert sum(counts) > 20, ended.stdout
