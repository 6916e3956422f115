"""Benchmarks against the rivals of each noun. Not part of the installed package."""
