"""Within loci of real genes: memory with a gain for each cell type is not taken for skill."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.base.concordance import within_locus_concordance
from leakcheck.base.resampling import jackknife, upper_tail_pvalue
from tests.real.roadmap import load_expression

pytestmark = pytest.mark.usefixtures("real_data")

N_DRAWS, N_TARGETS = 24, 4


def test_memory_with_gains(real_data):
    """Cell types differ in quality: without strata nearly half of such memory would pass."""
    expression = load_expression(real_data)
    names, active = np.array(expression.cell_types), expression.active
    labels = pd.DataFrame(active.astype(float), list(expression.genes), list(names))
    signal = np.arcsinh(expression.rpkm)
    blocks = pd.factorize(expression.loci["chrom"])[0]
    passed, plain = [], []
    for seed in range(N_DRAWS):
        rng = np.random.default_rng([7, seed])
        targets = rng.choice(len(names), N_TARGETS, replace=False)
        rest = np.setdiff1d(np.arange(len(names)), targets)
        memory = signal[:, rest].mean(axis=1)
        memory = (memory - memory.mean()) / memory.std()
        scores = memory[:, None] * np.exp(0.5 * rng.standard_normal(N_TARGETS))
        scores += 0.3 * rng.standard_normal(scores.shape)
        preds = pd.DataFrame(scores, labels.index, list(names[targets]))
        report = leakcheck.audit(preds, labels, expression.loci, train=list(names[rest]))
        passed.append(report.within_locus["pvalue"].iloc[0] < 0.05)
        own = active[:, targets].astype(float)
        found = within_locus_concordance(own, scores, blocks, blocks.max() + 1)
        without = jackknife(found.concordance, found.replicates, found.block_sizes)
        plain.append(upper_tail_pvalue(without, 0.5) < 0.05)
    assert np.mean(plain) > 0.25
    # Three binomial standard errors above 5%.
    assert np.mean(passed) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / N_DRAWS)
