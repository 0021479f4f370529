"""Benchmarks: a real server under load, on both engines. `make bench` runs them."""
