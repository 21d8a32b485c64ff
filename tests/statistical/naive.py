"""What others do, so that its error rate stands beside ours."""

import numpy as np
from scipy.stats import norm, rankdata
from sklearn.metrics import roc_auc_score


def delong_pvalue(labels, first, second):
    """One-sided DeLong test that the first score has the higher AUROC, loci taken as independent.

    DeLong, DeLong & Clarke-Pearson, Biometrics 44:837 (1988), by the midranks of Sun & Xu (2014).
    """
    positive = labels.astype(bool)
    m, n = positive.sum(), (~positive).sum()
    aurocs, of_positive, of_negative = [], [], []
    for score in (first, second):
        joint = rankdata(score)
        v10 = (joint[positive] - rankdata(score[positive])) / n
        v01 = 1 - (joint[~positive] - rankdata(score[~positive])) / m
        aurocs.append(v10.mean())
        of_positive.append(v10)
        of_negative.append(v01)
    spread = np.var(of_positive[0] - of_positive[1], ddof=1) / m
    spread += np.var(of_negative[0] - of_negative[1], ddof=1) / n
    return norm.sf((aurocs[0] - aurocs[1]) / np.sqrt(spread))


def variance_strata_auroc(labels, references, n_strata=20):
    """AUROC of the average activity inside quantiles of the variance over the references."""
    average = references.mean(axis=1)
    count = references.sum(axis=1)
    # Whole numbers: rounding must not tell count k from count n - k.
    variance = count * (references.shape[1] - count)
    edges = np.quantile(variance[variance > 0], np.linspace(0, 1, n_strata + 1)[1:-1])
    codes = np.searchsorted(np.unique(edges), variance)
    found = []
    for code in np.unique(codes):
        inside = (codes == code) & (variance > 0)
        if 0 < labels[inside].sum() < inside.sum():
            found.append((roc_auc_score(labels[inside], average[inside]), inside.sum()))
    values, sizes = zip(*found, strict=True)
    return np.average(values, weights=sizes)
