"""Along the average activity: are active loci scored above silent ones with the same average?"""

import sys

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=10)
(target,) = world.held_out(1)
references = [name for name in world.cell_types if name != target]
preds = {name: predict(world, name, [target]) for name in ("memoriser", "honest-weak", "mixture")}
report = leakcheck.audit(preds, world.labels, world.loci, train=references)

ranks = report.ranks[report.ranks["reason"] == ""]
median = ranks.pivot_table(index=["model", "bin"], columns="loci", values="score_median").dropna()
gap = (median["active"] - median["inactive"]).groupby(level="model").mean()
for model in preds:
    print(
        f"{model:12} active loci are ranked higher by {gap[model]:+.3f} at equal average activity"
    )

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 3, figsize=(8, 3), sharey=True, layout="constrained")
    for ax, model in zip(axes, preds, strict=True):
        for state, colour in (("active", "#0072B2"), ("inactive", "#D55E00")):
            rows = ranks[(ranks["model"] == model) & (ranks["loci"] == state)]
            x, low, high = (rows[name] for name in ("average_rank", "score_q25", "score_q75"))
            ax.fill_between(x, low, high, color=colour, alpha=0.25, lw=0)
            ax.plot(x, rows["score_median"], "o-", ms=3, color=colour, label=state)
        ax.set(title=model, xlabel="average activity, as a rank")
    axes[0].set_ylabel("score, as a rank")
    axes[0].legend(frameon=False)
    figure.savefig(sys.argv[-1])
