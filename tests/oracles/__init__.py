"""Slow and plain versions of what leakcheck computes."""
