"""Numbers that the pages quote from real data: Roadmap's expression table, as the paper used it.

    python docs/roadmap_numbers.py            compute them and write docs/generated/roadmap/
    python docs/roadmap_numbers.py --check    compute them and say which differ; status 1

The table is looked for where LEAKCHECK_DATA says, else at ../shared/data; without it nothing is
computed, and the pages show what is stored. Takes about a minute.
"""

import argparse
import gzip
import re
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
STORED = ROOT / "docs" / "generated" / "roadmap"
sys.path.insert(0, str(ROOT))

import leakcheck  # noqa: E402 - the root of the repository first
from leakcheck.base.ranking import auroc, average_precision  # noqa: E402
from leakcheck.base.ranking import expected_average_precision as expected_ap  # noqa: E402
from leakcheck.baselines import Baselines, genome_blocks  # noqa: E402
from leakcheck.information import ALLOWANCE  # noqa: E402
from leakcheck.memorization import InformationTest, Question  # noqa: E402
from leakcheck.panel import ReferencePanel  # noqa: E402
from leakcheck.reference import read_genes, read_rpkm, read_start_sites  # noqa: E402
from leakcheck.reference.roadmap_lite import FILES, read_promoters  # noqa: E402
from tests.real.roadmap import (  # noqa: E402
    GENES,
    Expression,
    find_real_data,
    load_expression,
)

TARGET = "E003"
GENCODE_10 = "anno/gencode_10_genes.gtf.gz"
GENCODE_19 = "gencode19/gencode.v19.TSS.notlow.gff.gz"
CODING = re.compile(r"gene_id (ENSG\d+)\.\d+ .*gene_biotype protein_coding")
DISTANCES = (0, 2_000, 10_000, 50_000, 200_000, 1_000_000)


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; report what differs")
    check = parser.parse_args().check
    if find_real_data() is None:
        print("The Roadmap table is not here: nothing was computed. Set LEAKCHECK_DATA.")
        return 0
    table = load_expression()
    stale = [name for name, make in NUMBERS.items() if keep(name, make(table), check=check)]
    return 1 if check and stale else 0


def keep(name: str, text: str, *, check: bool) -> bool:
    """Whether a stored text differed; written where that was asked for."""
    path = STORED / f"{name}.txt"
    same = path.exists() and path.read_text(encoding="utf-8") == text
    if not same:
        print(f"{'differs' if check else 'written'}: {path.relative_to(ROOT)}")
    if not same and not check:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return not same


# Neighbouring genes -------------------------------------------------------------------------------


def neighbours(table: Expression) -> str:
    """How well a gene's neighbour at some distance predicts it."""
    places = {"between start sites": start_sites(table), "between the genes": table.loci}
    tables = [neighbours_by(table, words, loci) for words, loci in places.items()]
    end = f"Mean over {len(table.cell_types)} target cell types, and the lowest and the highest."
    return "\n\n".join([*tables, end]) + "\n"


def neighbours_by(table: Expression, words: str, loci: pd.DataFrame) -> str:
    """A row for each range of distances."""
    active = table.active
    total = active.sum(axis=1)
    lines = [f"{words:<24}{'genes':>7}{'AUROC':>8}{'lowest':>8}{'highest':>9}"]
    for low, high in pairwise(DISTANCES):
        mine, theirs = nearest_beyond(loci, low, high)
        found = []
        for column in range(active.shape[1]):
            average = (total[theirs] - active[theirs, column]) / (active.shape[1] - 1)
            found.append(auroc(active[mine, column], average))
        words = f"{low / 1000:g} to {high / 1000:g} kb"
        mean, least, most = np.mean(found), min(found), max(found)
        lines.append(f"{words:<24}{len(mine):>7,}{mean:>8.3f}{least:>8.3f}{most:>9.3f}")
    return "\n".join(lines)


def start_sites(table: Expression) -> pd.DataFrame:
    """Each gene's start site: the first base on the forward strand, the last on the other."""
    where = find_real_data() / GENES
    lines = where.read_text(encoding="ascii").splitlines()
    forward = {line.split("\t")[4]: line.split("\t")[3] in ("+", "1") for line in lines}
    ahead = np.array([forward[gene] for gene in table.genes])
    start = np.where(ahead, table.loci["start"], table.loci["end"] - 1)
    return table.loci.assign(start=start, end=start + 1)


def nearest_beyond(loci: pd.DataFrame, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Genes, and for each the nearest gene whose gap in bases lies in [low, high)."""
    mine, theirs = [], []
    for _, rows in loci.reset_index().groupby("chrom", sort=False):
        start, end = rows["start"].to_numpy(), rows["end"].to_numpy()
        gap = np.maximum(start[None, :] - end[:, None], start[:, None] - end[None, :])
        np.fill_diagonal(gap, -1)
        gap = np.where((gap >= low) & (gap < high), gap, np.iinfo(np.int64).max)
        best = gap.argmin(axis=1)
        held = gap[np.arange(len(rows)), best] < high
        mine.append(rows.index.to_numpy()[held])
        theirs.append(rows.index.to_numpy()[best[held]])
    return np.concatenate(mine), np.concatenate(theirs)


# What a target's own label is worth ---------------------------------------------------------------


def own_label(table: Expression) -> str:
    """Average precision of an average with and without the target's own label in it."""
    active = table.active
    rng = np.random.default_rng(0)
    n = active.shape[1]
    lines = [f"{'references':<12}{'average':>9}{'with the target':>17}{'gain':>8}{'largest':>9}"]
    for size in (2, 5, 20, n - 1):
        clean, dirty = [], []
        for target in range(n):
            others = rng.permutation(np.delete(np.arange(n), target))[:size]
            total, own = active[:, others].sum(axis=1), active[:, target]
            clean.append(expected_ap(own, total.astype(float)))
            dirty.append(expected_ap(own, (total + own).astype(float)))
        gain = np.subtract(dirty, clean)
        means = f"{np.mean(clean):>9.3f}{np.mean(dirty):>17.3f}"
        lines.append(f"{size:<12}{means}{gain.mean():>8.3f}{gain.max():>9.3f}")
    lines.append(f"Mean AP over {n} targets, each with references drawn at random.")
    return "\n".join(lines) + "\n"


# Rounding -----------------------------------------------------------------------------------------


def rounding(table: Expression) -> str:
    """What low precision does to the average precision of one and the same score."""
    column = table.cell_types.index(TARGET)
    labels = table.active[:, column]
    others = np.delete(np.arcsinh(table.rpkm), column, axis=1)
    average = others.mean(axis=1)
    z = (average - average.mean()) / average.std()
    heads = ("distinct", "AP (scikit-learn)", "lost", "AP over ties", "lost")
    head = f"{'saved as':<18}" + "".join(map("{:>{}}".format, heads, (9, 19, 8, 14, 8)))
    lines = [head]
    for steepness, words in ((2, "soft"), (10, "steep")):
        score = 1 / (1 + np.exp(-steepness * z))
        lines.append(f"{words} sigmoid")
        whole = average_precision(labels, score), expected_ap(labels, score)
        for name, saved in precisions(score):
            both = average_precision(labels, saved), expected_ap(labels, saved)
            lost = [round(was - now, 4) + 0.0 for was, now in zip(whole, both, strict=True)]
            values = f"{both[0]:>19.4f}{lost[0]:>8.4f}{both[1]:>14.4f}{lost[1]:>8.4f}"
            lines.append(f"  {name:<16}{len(np.unique(saved)):>9,}{values}")
    lines.append(f"The mean signal over the other cell types as the score, {TARGET} as the target.")
    return "\n".join(lines) + "\n"


def precisions(score: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """A score as it comes back from a file."""
    yield "float64", score
    yield "float32", score.astype(np.float32).astype(float)
    yield "float16", score.astype(np.float16).astype(float)
    bits = score.astype(np.float32).view(np.uint32) + np.uint32(0x8000)
    yield "bfloat16", (bits & np.uint32(0xFFFF0000)).view(np.float32).astype(float)
    yield "three decimals", score.round(3)
    yield "two decimals", score.round(2)
    yield "0/1 calls", (score > 0.5).astype(float)


# Averages, and the nearest cell type --------------------------------------------------------------


def averages(table: Expression) -> str:
    """Average precision of what is free, for the paper's target."""
    column = table.cell_types.index(TARGET)
    labels = table.active[:, column]
    active = np.delete(table.active, column, axis=1)
    rpkm = np.delete(table.rpkm, column, axis=1)
    names = np.delete(np.array(table.cell_types), column)
    own = np.arcsinh(table.rpkm[:, column])
    near = [np.corrcoef(own, np.arcsinh(rpkm[:, j]))[0, 1] for j in range(rpkm.shape[1])]
    best = int(np.argmax(near))
    scores = {
        "mean of labels": active.mean(axis=1),
        "mean of arcsinh RPKM": np.arcsinh(rpkm).mean(axis=1),
        "mean of raw RPKM": rpkm.mean(axis=1),
        f"{names[best]} (r = {near[best]:.3f})": rpkm[:, best],
    }
    lines = [f"{'score':<24}{'AP':>8}{'AUROC':>8}"]
    for name, score in scores.items():
        lines.append(f"{name:<24}{expected_ap(labels, score):>8.3f}{auroc(labels, score):>8.3f}")
    lines.append(f"Target {TARGET}, {len(labels):,} genes, {len(names)} other cell types.")
    return "\n".join(lines) + "\n"


# Spread between targets ---------------------------------------------------------------------------


def spread(table: Expression) -> str:
    """Spread of the skill between targets, against the error of the skill at one target."""
    wide = pd.DataFrame(np.arcsinh(table.rpkm), index=table.genes, columns=table.cell_types)
    labels = pd.DataFrame(table.active.astype(float), index=wide.index, columns=wide.columns)
    rng = np.random.default_rng(0)
    noise = pd.DataFrame(rng.normal(size=wide.shape), index=wide.index, columns=wide.columns)
    total = wide.sum(axis=1)
    memory = wide.apply(lambda column: (total - column) / (wide.shape[1] - 1))
    preds = {
        "memory with noise": memory + 0.1 * noise,
        "one part in five its own": 0.8 * memory + 0.2 * wide,
        "its own with much noise": wide + noise,
    }
    report = leakcheck.audit(preds, labels, table.loci, train="leave-one-out")
    rows = report.verdict[report.verdict["baseline"] == "average-activity"]
    lines = [f"{'model':<26}{'mean skill':>11}{'spread':>8}{'error':>8}{'ratio':>7}"]
    for name, part in rows.groupby("model", sort=False):
        between, within = part["skill"].std(), part["skill_se"].median()
        numbers = f"{part['skill'].mean():>11.3f}{between:>8.3f}{within:>8.3f}"
        lines.append(f"{name:<26}{numbers}{between / within:>7.1f}")
    lines.append(
        f"{wide.shape[1]} targets. Spread: standard deviation of the skill between targets."
    )
    lines.append("Error: median standard error of the skill at one target (jackknife).")
    return "\n".join(lines) + "\n"


# Loci ---------------------------------------------------------------------------------------------


def loci(_: Expression) -> str:
    """How many genes each way of reading gives, beside the paper's."""
    folder = find_real_data()
    measured = set(read_rpkm(folder / FILES["expression"]).index)
    here = measured & set(read_genes(folder / GENCODE_10).ids)
    sites = folder / GENCODE_19
    placed = here & set(read_start_sites(sites).ids)
    with gzip.open(sites, "rt") as lines:
        found = (CODING.search(line) for line in lines)
        coding = placed & {match[1] for match in found if match}
    promoters, _ = read_promoters(folder / FILES["promoters"], folder / FILES["promoter genes"])
    rows = {
        "the paper": 17_951,
        "Roadmap's table": len(measured),
        "and a gene of GENCODE v10 on chr1-22": len(here),
        "and a start site in GENCODE v19": len(placed),
        "and protein-coding in GENCODE v19": len(coding),
        "of GENCODE v10, and a promoter in EPDnew": len(here & set(promoters)),
    }
    return "".join(f"{words:<44}{count:>8,}\n" for words, count in rows.items())


# What the information test leaves -----------------------------------------------------------------


def left_over(table: Expression) -> str:
    """Part correlations of what remembers the references, and of a tenth of the target."""
    rpkm = pd.DataFrame(table.rpkm, index=table.genes, columns=table.cell_types)
    labels = pd.DataFrame(table.active.astype(np.int8), index=rpkm.index, columns=rpkm.columns)
    kinds = {
        "continuous labels": (np.arcsinh(rpkm), None),
        "labels and signal": (labels, rpkm),
        "labels only": (labels, None),
    }
    heads = ("median", "9 in 10 below")
    lines = [f"{'score':<32}" + "".join(map("{:>{}}".format, heads, (9, 15)))]
    for words, (own, signal) in kinds.items():
        lines.append(words)
        for name, found in part_correlations(own, signal, table.loci).items():
            numbers = f"{np.median(found):>9.4f}{np.quantile(found, 0.9):>15.4f}"
            lines.append(f"  {name:<30}{numbers}")
    lines.append(f"{len(range(0, rpkm.shape[1], 4))} targets, the other cell types as references.")
    return "\n".join(lines) + "\n"


def part_correlations(
    labels: pd.DataFrame, signal: pd.DataFrame | None, loci: pd.DataFrame
) -> dict[str, list[float]]:
    """Of the residual of the labels with the whole score, at every fourth cell type."""
    rng = np.random.default_rng(0)
    targets = list(labels.columns[::4])
    others = pd.DataFrame({name: labels.drop(columns=name).mean(axis=1) for name in targets})
    noise = 0.05 * float(others.to_numpy().std()) * rng.standard_normal((len(labels), 1))
    forty = {c: labels.drop(columns=c).sample(40, axis=1, random_state=1) for c in targets}
    preds = {
        "average with noise": others + noise,
        "square of the average": others**2 + 1e-3 * rng.standard_normal((len(labels), 1)),
        "mean of forty cell types": pd.DataFrame({c: x.mean(axis=1) for c, x in forty.items()}),
        "a tenth of the target": 0.9 * others + 0.1 * labels[targets] + noise,
    }
    data = leakcheck.build_evaluation_set(preds, labels, loci, train="leave-one-out", signal=signal)
    blocks, n_blocks, _ = genome_blocks(data)
    panel = ReferencePanel(data, blocks, n_blocks)
    baselines, test = Baselines(panel), InformationTest(panel)
    found: dict[str, list[float]] = {name: [] for name in preds}
    for target in targets:
        own = baselines.of(target)
        scores = {name: frame[target].to_numpy() for name, frame in preds.items()}
        question = Question(own.view, scores, None, own.scores["nearest-celltype"])
        for name, answer in test.of(question).by_model.items():
            # Without an allowance the statistic would be the correlation over its error.
            whole = answer.test.partial_correlation / answer.test.standard_error
            found[name].append(ALLOWANCE * whole / (whole - answer.test.statistic))
    return found


NUMBERS: dict[str, Callable[[Expression], str]] = {
    "averages": averages,
    "loci": loci,
    "left-over": left_over,
    "neighbours": neighbours,
    "own-label": own_label,
    "rounding": rounding,
    "spread": spread,
}

if __name__ == "__main__":
    sys.exit(main())
