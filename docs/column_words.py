"""What the columns of a report's tables hold; docs/code_tables.py makes a page of it."""

#: table -> what a row is
TABLE_WORDS = {
    "scores": "One row for each model, baseline and bound, each target and each metric.",
    "verdict": "One row for each model, target and baseline.",
    "information": "One row for each model and target: does it know anything about the cell type?",
    "strata": "One row for each model and baseline, each target, stratum and metric.",
    "comparisons": (
        "One row for each ordered pair of families, each target and stratum: does `family_a` score "
        "higher? The stratum `all` is the whole set."
    ),
    "findings": "One row for each finding; those of the whole audit name no model and no target.",
    "design": "One row for each target: what was tested, and what the baselines were made of.",
    "summary": "One row for each model and baseline, over all targets.",
    "within_locus": "One row for each model: does it put the more active of two targets first?",
    "ranks": (
        "One row for each model, target and tenth of the average activity, and for active and "
        "inactive loci where labels are binary. Ranks go from 0 to 1."
    ),
}

#: column, or table.column where a table has its own meaning -> what it holds
COLUMNS = {
    # names
    "model": "name of the model",
    "scores.model": "name of the model, baseline or bound",
    "strata.model": "name of the model or baseline",
    "target": "the target cell type",
    "baseline": "the baseline that it is compared with",
    "metric": "name of the metric",
    "stratum": "activity count, quantile bin `q01` and up, or your name",
    "kind": "`model`, `baseline` or `bound`",
    "reason": "why a number is undefined or a test was not made, else empty",
    # values
    "value": "the metric",
    "ci_low": "lower bound of the value; judged scores only",
    "ci_high": "its upper bound",
    "no_skill": "what a score without skill gets at these loci",
    "prevalence": "share of active loci",
    "n_loci": "loci that were audited",
    "n_positive": "active ones among them; 0 for continuous labels",
    "pvalue": "one-sided",
    # verdict
    "difference": "gain over the baseline, positive = better",
    "verdict.ci_low": "lower bound of the difference",
    "verdict.ci_high": "its upper bound",
    "skill": "0 = the baseline, 1 = perfect",
    "verdict.pvalue": "one-sided, of what was tested and of the companion metric: the larger",
    "verdict.pvalue_adjusted": "Holm's, over the targets",
    "verdict": "`beats`, `does-not-beat`, `inconclusive` or `not-testable`",
    "flag": "`worse`, `negligible` or empty",
    "specificity": (
        "`cell-type-specific`, `consistent-with-memorisation`, `inconclusive` or `not-testable`"
    ),
    "model_value": "the metric of the model",
    "baseline_value": "that of the baseline",
    "skill_ci_low": "lower bound of the skill",
    "skill_ci_high": "its upper bound",
    "skill_se": "standard error of the skill",
    "degrees_of_freedom": "of Student's t: blocks less one",
    "companion_metric": "the second metric, in which a win must hold too",
    "companion_difference": "gain in it, positive = better",
    "companion_ci_low": "lower bound of that gain",
    "companion_ci_high": "its upper bound",
    "companion_se": "its standard error",
    "minimum_detectable_gain": "smallest difference that the audit would have seen",
    "tested": "`skill`, or `difference` where the baseline is nearly perfect",
    "difference_se": "standard error of the difference",
    # information
    "statistic": "Student's t of the generalised covariance measure",
    "information.pvalue_adjusted": "Holm's, over the targets",
    "spearman_with_average": "rank correlation of the score with the average activity",
    "utility": "which of the two baselines it beats",
    "conclusion": "the two answers in words",
    # comparisons
    "family_a": "the family that is asked about",
    "family_b": "the other one",
    "comparisons.metric": "the metric of the models that is compared",
    "comparisons.statistic": "Mann-Whitney's U of the first family's models",
    "comparisons.pvalue_adjusted": "Benjamini and Hochberg's, over the strata",
    "effect_size": "chance that a model of the first is above one of the second; 0.5 = no effect",
    "n_a": "models of the first family",
    "n_b": "models of the second",
    "method": "`exact` or `asymptotic`",
    "comparisons.difference": "mean of the first family less that of the second",
    "comparisons.ci_low": "lower bound of that difference, over loci",
    "comparisons.ci_high": "its upper bound",
    "pvalue_loci": "one-sided, of that difference",
    # findings
    "code": "`LK001` and up",
    "severity": "`error`, `warning` or `info`",
    "title": "what was found",
    "evidence": "what was seen in your data",
    "remedy": "what to do",
    "docs": "the page of the code",
    # design
    "setting": "`cross-cell-type`, `cross-chromosome`, `hybrid`, `random` or `mixed`",
    "setting_share": "share of the pairs in the largest setting",
    "n_hybrid_loci": "audited loci that no reference observes",
    "n_reference": "reference cell types",
    "n_never_active": "loci that are active in none of them; 0 for continuous labels",
    "n_always_active": "loci that are active in all",
    "n_variable": "loci in between",
    "nearest": "the nearest cell type, by the choice of most blocks",
    "nearest_source": "how it was found",
    "nearest_correlation": "its correlation with the target",
    "nearest_agreement": "share of loci where both have one label",
    "n_blocks": "blocks that are left out in turn",
    "blocks": "what they are: `chromosome`, `stretch` or `given`",
    # summary
    "n_targets": "targets",
    "n_beats": "targets at which it beats the baseline",
    "n_beats_adjusted": "the same, with an adjusted p-value below 1 - `confidence_level`",
    "n_does_not_beat": "targets at which it does not beat",
    "n_inconclusive": "targets at which the data cannot tell",
    "n_not_testable": "targets at which there is nothing to test",
    "summary.skill": "over the targets: the sum of the gains by the sum of what was left to gain",
    "summary.ci_low": "its lower bound, with targets as the units",
    "summary.ci_high": "its upper bound",
    # within_locus
    "concordance": "chance of the right order; 0.5 = knows nothing of the cell type",
    "within_locus.ci_low": "its lower bound",
    "within_locus.ci_high": "its upper bound",
    "within_locus.pvalue": "one-sided, against 0.5",
    "n_directions": "ordered pairs of targets that count",
    # ranks
    "bin": "tenth of the rank of the average activity, from 0",
    "loci": "`active`, `inactive`, or `all` for continuous labels",
    "ranks.n_loci": "loci in it",
    "average_rank": "their mean rank by the average activity",
    "average_low": "the lowest of these ranks",
    "average_high": "the highest",
    "score_q25": "lower quartile of their ranks by the model's score",
    "score_median": "median of these",
    "score_q75": "upper quartile",
}
