"""What pytest says where a model does not pass its gate."""

import subprocess
import sys
from pathlib import Path

TEST = """
import pytest
from leakcheck.simulate import epigenome, predict

world = epigenome(random_state=0)
targets = world.held_out(4)
references = [name for name in world.cell_types if name not in targets]
preds = {"sequence": predict(world, "memoriser", targets)}


@pytest.mark.leakcheck(specific=True)
def test_release(leakcheck_audit):
    leakcheck_audit(preds, world.labels, world.loci, train=references, signal=world.signal)
"""
Path("release").mkdir()
Path("release/test_release.py").write_text(TEST, encoding="utf-8")
options = ["-q", "-p", "no:cacheprovider", "--rootdir=.", "--leakcheck-report=leakcheck-report"]
done = subprocess.run(  # noqa: S603 - our own test
    [sys.executable, "-m", "pytest", *options, "test_release.py"],
    cwd="release",
    capture_output=True,
    encoding="utf-8",
    check=False,
)
lines = done.stdout.splitlines()
first = next(row for row, line in enumerate(lines) if line.startswith("sequence does not pass"))
last = next(row for row, line in enumerate(lines) if line.startswith("  look at:"))
print("\n".join(lines[first : last + 1]))
