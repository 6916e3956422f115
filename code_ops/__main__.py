"""``python -m code_ops`` is ``code-ops``."""

from code_ops.cli import main

main()
