"""Files that hold one cell type each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from leakcheck.exceptions import ValidationError

__all__ = ["Files", "cell_types_of", "models_of"]

#: Cell type to file.
Files: TypeAlias = Mapping[str, str | Path]


def models_of(predictions: Any) -> dict[str, Files]:
    """Read cell type to file, of one model, or model to such a mapping."""
    if not isinstance(predictions, Mapping) or not predictions:
        raise ValidationError(
            "`predictions` must map cell types to files, or models to such mappings; it is "
            f"{'empty' if isinstance(predictions, Mapping) else type(predictions).__name__}. "
            "Pass for instance {'K562': 'k562.bw'}; with predictions in an array, read the labels "
            "file by file (track_means, read_bed) and pass both to leakcheck.audit."
        )
    nested = [isinstance(value, Mapping) for value in predictions.values()]
    if all(nested):
        return {str(model): dict(files) for model, files in predictions.items()}
    if any(nested):
        raise ValidationError(
            "`predictions` must map either cell types to files or models to such mappings; "
            f"{sum(nested)} of {len(nested)} values are mappings. Name the model of every file."
        )
    return {"model": dict(predictions)}


def cell_types_of(models: Mapping[str, Files], labels: Any) -> tuple[str, ...]:
    """List the cell types in the order of the labels; each that is predicted must have labels."""
    if not isinstance(labels, Mapping) or not labels:
        raise ValidationError(
            "`labels` must map cell types to files with the observed activity; it is "
            f"{'empty' if isinstance(labels, Mapping) else type(labels).__name__}. Name the file "
            "of each cell type."
        )
    for model, files in models.items():
        unknown = [name for name in files if name not in labels]
        if unknown:
            raise ValidationError(
                f"`labels` must have a file for every cell type that is predicted; model {model!r} "
                f"has {len(unknown)} more, the first is {unknown[0]!r}. Add their labels, or leave "
                "their predictions out."
            )
    return tuple(str(name) for name in labels)
