"""Floor 1: arrays in, arrays out.

Modules here import numpy and scipy only (scipy inside functions where it is slow to import). They
know no labels, no files and no cell types, and they trust their arguments: `leakcheck.data` checks.
"""
