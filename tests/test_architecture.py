"""The house stands: arrows point down only, modules stay small, heavy packages stay out."""

import ast
import importlib
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "leakcheck"

#: Every module of leakcheck has its floor here; a package's floor holds for all that is in it.
#: A module may import what is below it. A newcomer must be placed before the tests pass.
_BY_FLOOR = {
    0: "exceptions _optional _typing _files _cpu _blas",
    1: "base",
    2: "data results ranking_metrics",
    3: (
        "baselines correlations curves likeness near_values panel_chunks panel_rows target_rows "
        "features features_check live_rows nearest panel silent_blocks simulate splits strata"
    ),
    4: (
        "_asked comparison families _degenerate _residual_sums information memorization metrics "
        "rank_profile small_wins stratified verdicts"
    ),
    5: (
        "_check _codes _codes_design _codes_input _few_blocks _orders _pages checks design "
        "diagnosis"
    ),
    6: "_audit _html _plots _report adapters audit controls plots report scale",
    7: "callbacks estimators reference",
    8: "__init__ __main__ _cli _pytest cli pytest_plugin",
}
FLOORS = {name: floor for floor, names in _BY_FLOOR.items() for name in names.split()}

#: (importer, imported) on one floor that are not in one package.
NEIGHBOURS: set[tuple[str, str]] = {
    ("data", "results"),
    ("baselines", "correlations"),
    ("baselines", "nearest"),
    ("baselines", "panel"),
    ("baselines", "likeness"),
    ("correlations", "panel_rows"),
    ("curves", "target_rows"),
    ("features", "panel"),
    ("features", "target_rows"),
    ("information", "_asked"),
    ("information", "_degenerate"),
    ("information", "_residual_sums"),
    ("likeness", "correlations"),
    ("likeness", "nearest"),
    ("live_rows", "target_rows"),
    ("silent_blocks", "target_rows"),
    ("memorization", "information"),
    ("nearest", "near_values"),
    ("panel_chunks", "target_rows"),
    ("panel_rows", "panel"),
    ("correlations", "panel"),
    ("nearest", "correlations"),
    ("nearest", "panel"),
    ("strata", "panel"),
    ("comparison", "metrics"),
    ("comparison", "verdicts"),
    ("memorization", "metrics"),
    ("memorization", "verdicts"),
    ("small_wins", "verdicts"),
    ("families", "metrics"),
    ("rank_profile", "metrics"),
    ("stratified", "metrics"),
    ("_codes", "_check"),
    ("_codes", "_codes_design"),
    ("_codes", "_codes_input"),
    ("_codes_design", "_check"),
    ("_codes_input", "_check"),
    ("checks", "_codes"),
    ("checks", "_pages"),
    ("design", "checks"),
    ("controls", "report"),  # for its type only
    ("_orders", "checks"),
    ("_few_blocks", "_orders"),
    ("_few_blocks", "checks"),
    ("diagnosis", "_few_blocks"),
    ("diagnosis", "_orders"),
    ("diagnosis", "checks"),
    ("diagnosis", "design"),
    ("audit", "_audit"),
    ("_audit", "report"),
    ("audit", "report"),
    ("audit", "adapters"),
    ("report", "_report"),
    ("report", "_html"),
    ("_html", "_report"),
    ("_html", "_plots"),
    ("report", "plots"),
    ("plots", "_plots"),
    ("plots", "_report"),
    ("plots", "report"),  # for its type only: the test of cycles sees to that
    ("_plots", "_report"),
    ("_plots", "plots"),
    ("_plots", "report"),
    ("scale", "_audit"),
    ("scale", "adapters"),
    ("scale", "audit"),
    ("scale", "report"),
    ("__main__", "cli"),
    ("cli", "_cli"),
    ("cli", "__init__"),
    ("_cli", "__init__"),
    ("_pytest", "__init__"),
    ("pytest_plugin", "_pytest"),
}

#: A class whose `from_*` calls, inside the method, the module that builds it from input.
CONSTRUCTORS: set[tuple[str, str]] = {("leakcheck.data.loci", "leakcheck.data.locus_forms")}

#: The paper's pipeline is a guest in the house: it goes in by the front door only.
GUESTS = {"reference"}
FRONT_DOOR = {
    "__init__", "adapters", "exceptions", "report", "splits", "_optional", "_typing", "_files",
}  # fmt: skip

#: What the ground floor may import beside the standard library.
GROUND_FLOOR_PACKAGES = {"numpy", "scipy"}

#: Slow to import: only inside functions. The roof may name its own tools where it stands.
HEAVY = {
    "anndata", "dask", "distributed", "matplotlib", "numba", "polars", "pyBigWig", "pyarrow",
    "rich", "scipy.stats", "sklearn", "statsmodels", "tensorflow", "typer", "xarray", "zarr",
}  # fmt: skip
ROOF_TOOLS = {"rich", "typer"}

#: Names that say nothing of what is inside.
NO_NAMES = {"common.py", "helpers.py", "misc.py", "util.py", "utils.py"}
LONGEST_FILE = 400
LONGEST_BODY = 60


class Import(NamedTuple):
    """One imported module: where, and whether it runs when the importing module is imported."""

    name: str  # dotted module, or dotted module and the name taken from it
    line: int
    in_function: bool
    for_types_only: bool


def imports_of(source: str, module: str, *, is_package: bool = False) -> list[Import]:
    """Every import of a source, those inside functions too."""
    found: list[Import] = []

    def visit(node: ast.AST, in_function: bool, types_only: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(a.name, node.lineno, in_function, types_only) for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            origin = _absolute(node, module, is_package)
            found.extend(
                Import(f"{origin}.{a.name}", node.lineno, in_function, types_only)
                for a in node.names
            )
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        guarded = isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.iter_child_nodes(node):
            visit(child, in_function or inside, types_only or guarded)

    visit(ast.parse(source), False, False)
    return found


def _absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """Dotted name of the module that ``from ... import`` names."""
    if node.level == 0:
        return node.module or ""
    base = module.split(".")
    base = base[: len(base) - node.level + (1 if is_package else 0)]
    return ".".join([*base, node.module] if node.module else base)


def module_name(path: Path) -> str:
    """Dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def unit(module: str) -> str:
    """The row of FLOORS that a dotted module belongs to."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


SOURCES: dict[str, Path] = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def resolve(name: str, modules: Mapping[str, object]) -> str | None:
    """The module of leakcheck that a dotted name is, or is in; None for other packages."""
    if name != "leakcheck" and not name.startswith("leakcheck."):
        return None
    while name not in modules and "." in name:
        name = name.rpartition(".")[0]
    return name


def internal_arrows() -> Iterator[tuple[str, str, Import]]:
    """(importer, imported, where) for every arrow inside the package."""
    for module, path in SOURCES.items():
        for found in imports_of(text_of(path), module, is_package=path.stem == "__init__"):
            target = resolve(found.name, SOURCES)
            # the version is a plain constant of a package whose import does no work
            if target is not None and found.name != "leakcheck.__version__":
                yield module, target, found


def objection(importer: str, imported: str) -> str:
    """Why an arrow between two modules may not be; empty where it may."""
    here, there = unit(importer), unit(imported)
    if here == there or (here, there) in NEIGHBOURS:
        return ""
    if here in GUESTS:
        return "" if there in FRONT_DOOR else f"{here} is a guest: it uses the public API only"
    below, above = FLOORS.get(there), FLOORS.get(here)
    if below is None or above is None:
        return ""  # another test names modules without a floor
    if below < above or below == above == 0:
        return ""
    if below == above:
        return f"both are on floor {above}, and the pair is not in NEIGHBOURS"
    return f"floor {above} imports floor {below}: arrows point down only"


def test_every_module_has_a_floor():
    homeless = sorted({unit(module) for module in SOURCES} - set(FLOORS))
    assert not homeless, f"give these a floor in FLOORS: {homeless}"


def test_arrows_point_down_only():
    wrong = {
        f"{importer}:{found.line} imports {imported}: {why}"
        for importer, imported, found in internal_arrows()
        if (why := objection(importer, imported))
    }
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize(
    ("importer", "imported", "allowed"),
    [
        ("leakcheck.metrics", "leakcheck.base.ranking", True),
        ("leakcheck.base.counts", "leakcheck.base.ranking", True),
        ("leakcheck.base.counts", "leakcheck.results", False),
        ("leakcheck.panel", "leakcheck.nearest", False),
        ("leakcheck.nearest", "leakcheck.panel", True),
        ("leakcheck.data", "leakcheck.audit", False),
        ("leakcheck.metrics", "leakcheck", False),
        ("leakcheck.cli", "leakcheck", True),
        ("leakcheck.reference.models", "leakcheck", True),
        ("leakcheck.reference.models", "leakcheck.base.ranking", False),
        ("leakcheck.reference.models", "leakcheck.reference.data", True),
    ],
)
def test_objection_knows_up_from_down(importer, imported, allowed):
    assert (objection(importer, imported) == "") == allowed


def test_guests_take_public_names_where_they_are_public():
    taken = {
        found.name
        for importer, imported, found in internal_arrows()
        if unit(importer) in GUESTS
        and unit(imported) not in {*GUESTS, "__init__"}
        and not unit(imported).startswith("_")
    }
    hidden = []
    for name in taken:
        _, home, *rest = name.split(".")
        public = importlib.import_module(f"leakcheck.{home}").__all__
        if len(rest) != 1 or rest[0] not in public:
            hidden.append(name)
    assert taken >= {"leakcheck.exceptions.ValidationError", "leakcheck.adapters.base_sums"}
    assert not hidden, f"not in the __all__ of their package: {sorted(hidden)}"


def test_no_import_cycles():
    graph: dict[str, set[str]] = {module: set() for module in SOURCES}
    for importer, imported, found in internal_arrows():
        excused = found.in_function and (importer, imported) in CONSTRUCTORS
        if importer != imported and not found.for_types_only and not excused:
            graph[importer].add(imported)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("import cycle: " + " -> ".join(reversed(error.args[1])))


def test_ground_floor_imports_numpy_and_scipy_only():
    allowed = GROUND_FLOOR_PACKAGES | set(sys.stdlib_module_names)
    wrong = [
        f"{module}:{found.line} imports {found.name}"
        for module, path in SOURCES.items()
        if FLOORS.get(unit(module)) == 1
        for found in imports_of(text_of(path), module, is_package=path.stem == "__init__")
        if resolve(found.name, SOURCES) is None and found.name.partition(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_heavy_packages_are_imported_inside_functions():
    roof = max(FLOORS.values())
    wrong = []
    for module, path in SOURCES.items():
        light = ROOF_TOOLS if FLOORS.get(unit(module)) == roof else set()
        for found in imports_of(text_of(path), module, is_package=path.stem == "__init__"):
            heavy = any(found.name == h or found.name.startswith(f"{h}.") for h in HEAVY - light)
            if heavy and not found.in_function and not found.for_types_only:
                wrong.append(f"{module}:{found.line} imports {found.name}")
    assert not wrong, "\n".join(wrong)


def test_imports_of_sees_functions_types_and_relative_imports():
    source = (
        "from typing import TYPE_CHECKING\n"
        "from . import ranking\n"
        "from ..results import TABLES\n"
        "if TYPE_CHECKING:\n    import pandas\n"
        "def f():\n    import scipy.stats\n"
    )
    found = {f.name: f for f in imports_of(source, "leakcheck.base.counts")}
    assert set(found) == {
        "typing.TYPE_CHECKING",
        "leakcheck.base.ranking",
        "leakcheck.results.TABLES",
        "pandas",
        "scipy.stats",
    }
    assert found["pandas"].for_types_only
    assert found["scipy.stats"].in_function
    assert not found["leakcheck.base.ranking"].in_function


def text_of(path: Path) -> str:
    """A source as text, whatever the platform's encoding is."""
    return path.read_text(encoding="utf-8")


def own_python_files() -> list[Path]:
    """Python files that people write: everything but environments and build outputs."""
    folders = ("leakcheck", "tests", "docs", "examples", "benchmarks", ".ci")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted([*files, *ROOT.glob("*.py")])


def test_files_are_short():
    lengths = {path: len(text_of(path).splitlines()) for path in own_python_files()}
    long = [f"{path.relative_to(ROOT)}: {n}" for path, n in lengths.items() if n > LONGEST_FILE]
    assert not long, f"longer than {LONGEST_FILE} lines:\n" + "\n".join(long)


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body, its docstring left out."""
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    if not body:
        return 0
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def test_functions_are_short():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {body_lines(node)}"
        for path in own_python_files()
        for node in ast.walk(ast.parse(text_of(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and body_lines(node) > LONGEST_BODY
    ]
    assert not long, f"bodies longer than {LONGEST_BODY} lines:\n" + "\n".join(long)


def test_body_lines_leave_the_docstring_out():
    (function,) = ast.parse(
        'def f():\n    """One.\n\n    Two.\n    """\n    a = 1\n    return a\n'
    ).body
    assert isinstance(function, ast.FunctionDef)
    assert body_lines(function) == 2


def test_file_names_say_what_is_inside():
    wrong = [str(path.relative_to(ROOT)) for path in own_python_files() if path.name in NO_NAMES]
    assert not wrong, f"name these after what they do: {wrong}"


def test_every_module_says_what_it_is_for():
    silent = [
        name for name, path in SOURCES.items() if not ast.get_docstring(ast.parse(text_of(path)))
    ]
    assert not silent, f"modules without a docstring: {silent}"
