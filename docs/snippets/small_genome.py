"""What the preset `small` asks of the simulated genome, beside the defaults of `write_genome`."""

import inspect
from collections.abc import Iterator
from dataclasses import asdict

from leakcheck.reference.presets import find_preset
from leakcheck.simulate import Tree, write_genome

DEFAULTS = inspect.signature(write_genome).parameters


def rows() -> Iterator[tuple[str, object, object]]:
    """Argument, default and the preset's value, where they differ."""
    for name, value in find_preset("small").genome.items():
        if isinstance(value, Tree):
            default = asdict(Tree())
            for effect, spread in asdict(value).items():
                yield f"tree.{effect}", default[effect], spread
        elif name == "chromosome_weights":
            yield "chromosome_weights, chr1", "as its length", f"{value[0] / sum(value):.2f} of all"
        else:
            yield name, DEFAULTS[name].default, value


print(f"{'argument':<26}{'default':>15}{'small':>15}")
for name, default, value in rows():
    if default != value:
        print(f"{name:<26}{default!s:>15}{value!s:>15}")
