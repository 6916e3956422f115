"""Seals or opens a file, with a fixed key: `vault_files.py seal|open SOURCE TARGET`."""

from __future__ import annotations

import sys

from code_ops.vault import SecureVault


def main(way: str, source: str, target: str) -> None:
    """One file, one way."""
    vault = SecureVault(bytes(range(32)), engine="rust")
    (vault.encrypt_file if way == "seal" else vault.decrypt_file)(source, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
