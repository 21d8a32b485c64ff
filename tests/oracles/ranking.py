"""Ranking metrics from their definitions: loops, whole numbers and fractions, nothing clever."""

import itertools
from fractions import Fraction

import numpy as np


def thresholds_of(scores):
    """Distinct scores, highest first; -0.0 and 0.0 are one."""
    return sorted({score + 0 for score in scores}, reverse=True)


def average_precision(labels, scores):
    """Sum over thresholds of the gain in recall times the precision."""
    labels, scores = np.asarray(labels).tolist(), np.asarray(scores).tolist()
    n_positive = sum(labels)
    if n_positive == 0:
        return np.nan
    total, recall = Fraction(0), Fraction(0)
    for threshold in thresholds_of(scores):
        called = [label for label, score in zip(labels, scores, strict=True) if score >= threshold]
        reached = Fraction(sum(called), n_positive)
        total += (reached - recall) * Fraction(sum(called), len(called))
        recall = reached
    return float(total)


def auroc(labels, scores):
    """Share of the pairs of a positive and a negative that are in order, ties counted half."""
    labels, scores = np.asarray(labels).tolist(), np.asarray(scores).tolist()
    rows = list(zip(labels, scores, strict=True))
    positives = [score for label, score in rows if label]
    negatives = [score for label, score in rows if not label]
    if not positives or not negatives:
        return np.nan
    twice = sum(2 * (a > b) + (a == b) for a in positives for b in negatives)
    return float(Fraction(twice, 2 * len(positives) * len(negatives)))


def expected_average_precision(labels, scores):
    """The sum of McSherry & Najork (2008), place by place."""
    labels, scores = np.asarray(labels).tolist(), np.asarray(scores).tolist()
    n_positive = sum(labels)
    if n_positive == 0:
        return np.nan
    total, true_above, above = Fraction(0), 0, 0
    for threshold in thresholds_of(scores):
        tie = [label for label, score in zip(labels, scores, strict=True) if score == threshold]
        m, p = len(tie), sum(tie)
        slope = Fraction(p - 1, m - 1) if m > 1 else Fraction(0)
        for j in range(1, m + 1):
            precision = (true_above + 1 + (j - 1) * slope) / Fraction(above + j)
            total += Fraction(p, m) * precision
        true_above, above = true_above + p, above + m
    return float(total / n_positive)


def mean_over_orders(labels, scores):
    """Average precision averaged over every order of the rows that respects the scores."""
    labels, scores = np.asarray(labels), np.asarray(scores)
    ties = [labels[scores == threshold].tolist() for threshold in thresholds_of(scores.tolist())]
    orders = itertools.product(*(list(itertools.permutations(tie)) for tie in ties))
    values = []
    for order in orders:
        row = np.array([label for tie in order for label in tie])
        values.append(average_precision(row, np.arange(row.size, 0, -1)))
    return float(np.mean(values))


def all_scores(labels, scores):
    """Average precision, expected average precision and AUROC."""
    return (
        average_precision(labels, scores),
        expected_average_precision(labels, scores),
        auroc(labels, scores),
    )
