"""Write what the pages show of the program: docs/generated, and the example in README.md.

The pages of the codes (docs/checks, leakcheck/_pages) are made by `docs/check_pages.py`, first;
tables that follow from the code alone (docs/generated/*.md) by `docs/code_tables.py`.

    python docs/generate.py            write them
    python docs/generate.py --check    say which are no longer what the program prints; status 1

Commands run one after another in one empty folder, so that a later one finds what an earlier one
wrote. A page shows a file of docs/generated with `literalinclude`.
"""

import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent
README = DOCS.parent / "README.md"
GENERATED = DOCS / "generated"
SNIPPETS = DOCS / "snippets"
sys.path.insert(0, str(DOCS))  # however this file is run

import code_tables  # noqa: E402 - their folder is no package
import walk_words  # noqa: E402

#: file -> what is run for it; a line that begins with `python` runs a file of docs/snippets, and
#: one that begins with `!` must be refused
OUTPUTS = {
    "demo.txt": ["leakcheck demo"],
    "first-audit.txt": ["python first_audit.py"],
    "tables.txt": ["python tables.py"],
    "audit.txt": [
        "python write_table.py",
        "leakcheck audit predictions.csv --train @reference.txt -o report.json",
    ],
    "gate.txt": [
        "leakcheck gate report.json --model honest",
        "leakcheck gate report.json --model memoriser",
        "leakcheck gate report.json --model honest --margin 0.9",
    ],
    "walk.txt": [
        "python own_table.py",
        "! leakcheck audit own.csv",
        "! leakcheck audit own.csv --celltype tissue",
        "! leakcheck audit own.csv --celltype tissue --loci region --train liver",
        "leakcheck audit own.csv --celltype tissue --loci region --train C02,C03,C04,C05,C06,C08",
    ],
    "walk-labels.txt": [
        "python own_two_tables.py",
        *(
            f"! leakcheck audit scores.csv --labels labels_{name}.csv --train C02,C03,C04,C05"
            for name in ("without_chr", "from_1", "moved")
        ),
    ],
    "pitfall.txt": ["python pitfall.py"],
    "strata-numbers.txt": ["python strata_numbers.py"],
    "claims.txt": ["python claims.py"],
    "continuous.txt": ["python continuous.py"],
    "mistakes.txt": ["python mistakes.py"],
    "review.txt": [
        "python write_review.py",
        "leakcheck audit supplement.csv --labels public_labels.csv --train @training.txt",
    ],
    "review-signal.txt": [
        (
            "leakcheck audit supplement.csv --labels public_labels.csv --train @training.txt"
            " --signal public_signal.csv -o review.json"
        ),
        "leakcheck gate review.json",
    ],
    "review-in-python.txt": ["python review_in_python.py"],
    "explain.txt": ["leakcheck explain LK012"],
    "gate-failure.txt": ["python gate_failure.py"],
    "scale-sources.txt": ["python scale_sources.py"],
    "scale-memory.txt": ["python scale_memory.py"],
    "scale-plan.txt": ["python scale_plan.py"],
    "small-genome.txt": ["python small_genome.py"],
    "help.txt": ["leakcheck --help"],
    "help-audit.txt": ["leakcheck audit --help"],
    "help-gate.txt": ["leakcheck gate --help"],
    "help-explain.txt": ["leakcheck explain --help"],
    "help-demo.txt": ["leakcheck demo --help"],
    "help-reproduce.txt": ["leakcheck reproduce --help"],
}
#: ends with these statuses are what the pages are about; any other is a fault
STATUSES = (0, 1)
EXAMPLE = re.compile(r"(?<=<!-- example -->\n).*?(?=<!-- end of example -->)", flags=re.DOTALL)


def main() -> int:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; report what is stale")
    check = parser.parse_args().check
    pages = write_pages(check=check)
    with tempfile.TemporaryDirectory() as folder:
        wanted = {GENERATED / name: run_all(lines, folder) for name, lines in OUTPUTS.items()}
    wanted |= pages | code_tables.wanted()
    wanted[README] = readme_with_example(wanted[GENERATED / "first-audit.txt"])
    walk = walk_words.table(wanted[README], wanted[GENERATED / "walk.txt"])
    wanted[GENERATED / "walk-steps.md"] = walk
    stale = [path for path, text in wanted.items() if not path.exists() or read(path) != text]
    if check:  # the layout of help is typer's, and may change with typer
        stale = [path for path in stale if not (path.exists() and path.name.startswith("help"))]
    unknown = sorted({*GENERATED.glob("*.txt"), *GENERATED.glob("*.md")} - set(wanted))
    for path in [*stale, *unknown]:
        print(f"{'stale' if check else 'written'}: {path.relative_to(DOCS.parent)}")
    if check:
        if stale or unknown:
            print("The pages show what leakcheck no longer prints: python3 dev.py generate")
        return 1 if stale or unknown else 0
    GENERATED.mkdir(exist_ok=True)
    for path in unknown:
        path.unlink()
    for path in stale:
        path.write_text(wanted[path], encoding="utf-8", newline="\n")
    return 0


def write_pages(*, check: bool) -> dict[Path, str]:
    """Pages of the codes; written before the commands run, which print some of them."""
    import check_pages  # noqa: PLC0415 - its folder is no package

    pages = check_pages.wanted()
    for path, text in {} if check else pages.items():
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or read(path) != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"written: {path.relative_to(DOCS.parent)}")
    return pages


def run_all(lines: list[str], folder: str) -> str:
    """Transcript of commands: each with its prompt, then what it printed."""
    parts = []
    for line in lines:
        printed = run(line, folder)
        typed = line.removeprefix("! ")
        parts.append(f"$ {typed}\n{printed}" if typed.startswith("leakcheck") else printed)
    return "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())


def run(line: str, folder: str) -> str:
    """What one command prints: its answer, and its errors where it failed."""
    refused = line.startswith("! ")
    program, *args = shlex.split(line.removeprefix("! "))
    command = ["-m", "leakcheck", *args] if program == "leakcheck" else [SNIPPETS / args[0]]
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-W", "error", *map(str, command)],
        cwd=folder,
        env=plain_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    statuses = (2,) if refused else STATUSES if program == "leakcheck" else (0,)
    if done.returncode not in statuses:
        raise SystemExit(f"`{line}` ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    text = done.stdout + (done.stderr if done.returncode else "")
    text = text.replace("python -m leakcheck", "leakcheck")
    return "\n".join(part.rstrip() for part in text.splitlines()) + "\n"


def plain_environment() -> dict[str, str]:
    """An environment in which every machine prints the same: no colours, one width."""
    plain = {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "PYTHONUTF8": "1"}
    return {**os.environ, **plain, "MPLBACKEND": "Agg"}


def readme_with_example(output: str) -> str:
    """The README with the example and its output as they are now."""
    code = read(SNIPPETS / "first_audit.py")
    example = f"```python\n{code}```\n\n```text\n{output}```\n"
    text = read(README)
    if len(EXAMPLE.findall(text)) != 1:
        raise SystemExit("README.md must have one place between its two example marks")
    return EXAMPLE.sub(lambda _: example, text)


def read(path: Path) -> str:
    """A file as text, with plain line ends."""
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
