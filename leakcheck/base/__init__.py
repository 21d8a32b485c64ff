"""Floor 1: arrays in, arrays out.

Modules here import numpy and scipy only (scipy inside functions where it is slow to import). They
know no tables, no files and no names of cell types, and they trust their arguments:
`leakcheck.data` checks.
"""
