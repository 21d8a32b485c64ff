"""Benchmarks: ratios against peers, measured in one run on one machine.

One thread, and numpy's healthy sort: both are settled here, before anything imports numpy.
"""

import os

from leakcheck._cpu import prepare_numpy

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
prepare_numpy()
