"""A gate: keep the report as JSON, and refuse a model that is no better than what is free."""

import sys
import tempfile
from pathlib import Path

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=11)
targets = world.held_out(4)
references = [name for name in world.cell_types if name not in targets]
preds = {name: predict(world, name, targets) for name in ("memoriser", "honest-strong")}
report = leakcheck.audit(preds, world.labels, world.loci, train=references, signal=world.signal)

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "report.json")
    report.to_json(path)
    stored = leakcheck.AuditReport.from_json(path)  # another day, perhaps with other thresholds

for model in preds:
    print(f"{model} passes: {stored.passed(models=[model])}")
try:
    stored.raise_if_failed(models=["memoriser"])
except leakcheck.GateError as error:
    print(error)

if "--figure" in sys.argv:
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.6, 3), layout="constrained")
    rows = stored.verdict[stored.verdict["baseline"] == "average-activity"]
    names = rows["model"] + ", " + rows["target"]
    colours = ["#009E73" if verdict == "beats" else "#D55E00" for verdict in rows["verdict"]]
    ax.axvspan(-0.05, 0.05, color="#eeeeee", lw=0)
    ax.hlines(names, rows["skill_ci_low"], rows["skill_ci_high"], color=colours, lw=2)
    ax.scatter(rows["skill"], names, color=colours, zorder=3)
    ax.set_xlabel("skill over the average activity; grey: within the margin")
    figure.savefig(sys.argv[-1])
