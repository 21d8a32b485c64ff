"""What a docstring must say, for tests/test_docstrings.py."""
