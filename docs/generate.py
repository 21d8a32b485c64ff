"""Write the outputs that the pages show: docs/generated/*.txt, and the example in README.md.

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

#: file -> what is run for it; a line that begins with `python` runs a file of docs/snippets
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
    "help.txt": ["leakcheck --help"],
    "help-audit.txt": ["leakcheck audit --help"],
    "help-gate.txt": ["leakcheck gate --help"],
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
    with tempfile.TemporaryDirectory() as folder:
        wanted = {GENERATED / name: run_all(lines, folder) for name, lines in OUTPUTS.items()}
    wanted[README] = readme_with_example(wanted[GENERATED / "first-audit.txt"])
    stale = [path for path, text in wanted.items() if not path.exists() or read(path) != text]
    if check:  # the layout of help is typer's, and may change with typer
        stale = [path for path in stale if not (path.exists() and path.name.startswith("help"))]
    unknown = sorted(set(GENERATED.glob("*.txt")) - set(wanted))
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


def run_all(lines: list[str], folder: str) -> str:
    """Transcript of commands: each with its prompt, then what it printed."""
    parts = []
    for line in lines:
        printed = run(line, folder)
        parts.append(f"$ {line}\n{printed}" if line.startswith("leakcheck") else printed)
    return "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())


def run(line: str, folder: str) -> str:
    """What one command prints: its answer, and its errors where it failed."""
    program, *args = shlex.split(line)
    command = ["-m", "leakcheck", *args] if program == "leakcheck" else [SNIPPETS / args[0]]
    done = subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, "-W", "error", *map(str, command)],
        cwd=folder,
        env=plain_environment(),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode not in STATUSES or (done.returncode and program != "leakcheck"):
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
