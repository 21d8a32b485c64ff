"""Benchmarks: ratios against peers, measured in one run on one machine.

One thread, and numpy's AVX2 sort on every x86 processor, so that ratios from different machines can
be compared: both are settled here, before anything imports numpy. An empty NPY_DISABLE_CPU_FEATURES
measures numpy as it comes.
"""

import os

from leakcheck._cpu import prepare_numpy

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
prepare_numpy(everywhere=True)
