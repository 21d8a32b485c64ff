"""What leakcheck says to the three mistakes that most users make."""

import textwrap
import warnings

import leakcheck
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=0)
targets = world.held_out(2)
references = [name for name in world.cell_types if name not in targets]
preds = predict(world, "honest-strong", targets)
moved = world.loci.assign(start=world.loci["start"] + 1).set_axis(
    [f"other{row}" for row in range(len(world.loci))]
)
mistakes = {
    "the targets are among the references": (preds, {"train": [*references, *targets]}),
    "a name is misspelt": (preds, {"train": [*references[:-1], "C-24"]}),
    "predictions lie at other loci": (preds.set_axis(moved.index), {"train": references}),
    "predictions are 0/1 calls": ((preds > preds.mean()) * 1.0, {"train": references}),
    "nothing says what was reference": (predict(world, "random", list(world.cell_types)), {}),
}
for words, (wrong, arguments) in mistakes.items():
    print(f"-- {words}")
    try:
        with warnings.catch_warnings(record=True):
            report = leakcheck.audit(wrong, world.labels, world.loci, **arguments)
    except leakcheck.ValidationError as error:
        print(textwrap.fill(f"ValidationError: {error}", 96))
        continue
    found = report.findings[report.findings["severity"] != "info"]
    for row in found.drop_duplicates("code").itertuples():
        print(f"{row.code} {row.severity}: {row.title}")
