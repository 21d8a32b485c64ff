"""All benchmarks with one command: ``python -m benchmarks`` or ``python3 dev.py bench``."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks._recorded import NO_RECORD, RECORDED, write_record
from benchmarks.report import ROOT, as_text, beside, collect, has_failed, names, summary

_PAGE = ROOT / "docs"


def main(argv: Sequence[str] | None = None) -> int:
    """Run benchmarks; 1 if a line fails: below its bound, or twice as bad as recorded."""
    options = _parser().parse_args(argv)
    mode = "full" if options.full else "quick"
    record = NO_RECORD if options.record else RECORDED
    passed_on = ["--slack", str(options.slack), "--recorded", str(record)]
    results = collect(options.only or names(), mode, passed_on)
    print(f"\n{summary(results)}")
    _write(
        options.json or ROOT / "build" / f"benchmarks-{mode}.json", json.dumps(results, indent=2)
    )
    if options.text:
        _write(options.text, as_text(results))
    if options.page:
        numbers = _PAGE / "benchmarks.json"
        if options.only and numbers.exists():
            shown = beside(results, json.loads(numbers.read_text(encoding="utf-8")))
        else:
            shown = results
        _write(numbers, json.dumps(shown, indent=2))
        _write(_PAGE / "benchmarks.txt", as_text(shown))
    if options.record:
        if results["broken"]:
            print("nothing was recorded: a benchmark did not come to its end")
            return 1
        write_record(RECORDED, mode, results)
        print(f"recorded: {RECORDED.name}, {mode}")
    return int(has_failed(results))


def _write(path: Path, text: str) -> None:
    """Write a file and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    print(f"written: {path}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes (default); what CI runs")
    size.add_argument("--full", action="store_true", help="the largest sizes too; an hour")
    parser.add_argument("--only", nargs="+", choices=names(), metavar="NAME",
                        help=f"some of {', '.join(names())}")  # fmt: skip
    parser.add_argument("--slack", type=float, default=1.0, help="ease every bound by this")
    parser.add_argument("--record", action="store_true", help="keep the ratios for later runs")
    parser.add_argument("--page", action="store_true",
                        help="write the numbers of the page; with --only, of these")  # fmt: skip
    parser.add_argument("--json", type=Path, help="default build/benchmarks-MODE.json")
    parser.add_argument("--text", type=Path, help="write the tables to this file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
