"""The pure-Python engine: the same functions and results as the native one.

It is the executable specification and the baseline of the benchmarks. Nothing outside
``code_ops._engine`` chooses it.
"""
