"""Benchmarks of hedgerow beside its peers; ../README.md tells how to run and read them."""
