"""Benchmarks of scorers, engine and whole searches, compared with the libraries that they replace."""
