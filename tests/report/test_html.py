"""The page as text: whole, well-formed, closed to the network, small, and deaf to markup."""

import base64
import dataclasses
import hashlib
import itertools
import json
import re
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck._html.markup import embed
from leakcheck.checks import explain
from leakcheck.exceptions import ValidationError
from leakcheck.results import build_table, empty_table

from .factory import make_report
from .markup import Page

HOSTILE = [
    "</script><script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "memoriser \N{ROBOT FACE} & co",
    "honest \N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}\N{RIGHT-TO-LEFT OVERRIDE}gnp",
    "line\u2028break\x00\x1b[0m",
    "honest <b>bold</b> &amp; `code` ${x} {{y}}",
]
SIZES = [(1, 1), (2, 1), (3, 4), (6, 56), (40, 3)]


def ranks_rows(models, targets):
    """Rows of the table `ranks`: memorisers on the diagonal, others off it."""
    columns: dict[str, list] = {}
    for model in models:
        for target in targets:
            for place in range(10):
                for side, gap in (("inactive", -0.1), ("active", 0.1)):
                    x = (place + 0.5) / 10
                    middle = float(np.clip(x + gap, 0.01, 0.99))
                    few = place == 9 and side == "inactive"
                    row = {
                        "model": model, "target": target, "bin": place, "loci": side,
                        "n_loci": 5 if few else 100, "average_rank": x, "average_low": x,
                        "average_high": x, "score_q25": np.nan if few else middle - 0.01,
                        "score_median": np.nan if few else middle,
                        "score_q75": np.nan if few else middle + 0.01,
                        "reason": "fewer than 10 loci" if few else "",
                    }  # fmt: skip
                    for name, value in row.items():
                        columns.setdefault(name, []).append(value)
    return build_table("ranks", columns)


def full_report(n_models, n_targets, **options):
    """A report with ranks and families too."""
    from .factory import comparison_rows, model_names, target_names  # noqa: PLC0415

    models = options.get("models") or model_names(n_models)
    targets = target_names(n_targets)
    tables = options.pop("tables", {})
    more = {
        "ranks": ranks_rows(models, targets),
        "comparisons": comparison_rows(targets[:20], options.get("n_strata", 6)),
    }
    return make_report(n_models, n_targets, tables=more | tables, **options)


@pytest.mark.parametrize("size", SIZES)
def test_the_page_is_well_formed_and_complete(size):
    page = Page(full_report(*size).to_html())
    assert page.faults == []
    assert len(set(page.ids)) == len(page.ids)
    for section in ("answer", "scores", "strata", "ranks", "families", "findings", "method"):
        assert section in page.ids
    for attrs in page.all("a"):
        if attrs["href"].startswith("#"):
            assert attrs["href"][1:] in page.ids


def test_headings_go_down_one_step_at_a_time():
    page = Page(full_report(3, 4).to_html())
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))


def test_tables_and_charts_can_be_read_without_eyes():
    page = Page(full_report(3, 4).to_html())
    tags = [tag for tag, _ in page.tags]
    assert tags.count("caption") == tags.count("table") > 5
    assert all(attrs.get("scope") in {"row", "col"} for attrs in page.all("th"))
    charts = [attrs for attrs in page.all("svg") if attrs.get("role") == "img"]
    assert len(charts) == 2 + 3 + 1  # scores, strata, ranks for each model, a pair of families
    assert tags.count("desc") == len(charts)
    hidden = [attrs for attrs in page.all("svg") if attrs.get("aria-hidden") == "true"]
    assert len(charts) + len(hidden) == tags.count("svg")
    assert {"header", "main", "nav", "footer"} <= set(tags)
    (html,) = page.all("html")
    assert html["lang"] == "en"


def test_nothing_is_loaded_from_anywhere():
    text = full_report(3, 4).to_html()
    page = Page(text)
    for tag, attrs in page.tags:
        assert not {"src", "srcset", "data", "background", "poster"} & set(attrs), tag
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form"}
    assert "@import" not in text
    assert "url(" not in text
    (style,) = page.inside("style")
    assert "http" not in style
    addresses = {attrs["href"] for attrs in page.all("a") if not attrs["href"].startswith("#")}
    assert addresses == {"https://doi.org/10.1186/s13059-020-02177-y"}


def test_only_our_own_script_may_run():
    page = Page(full_report(2, 1).to_html())
    policy = next(
        attrs["content"] for attrs in page.all("meta")
        if attrs.get("http-equiv") == "Content-Security-Policy"
    )  # fmt: skip
    assert policy.startswith("default-src 'none'; ")
    kinds = [attrs.get("type") for attrs in page.all("script")]
    assert kinds == ["application/json", None]
    data, script = page.inside("script")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert json.loads(data)["models"] == ["honest", "memoriser"]
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)


def test_names_of_users_stay_text():
    models = HOSTILE
    notes = {"reference_note": "Inferred: <i>E001</i>", "inputs": {"<u>labels</u>": "</code>x"}}
    report = full_report(0, 2, models=models, settings=notes)
    text = report.to_html()
    page = Page(text)
    assert page.faults == []
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"img", "i", "u"}
    assert len(page.all("script")) == 2
    shown = page.text()
    assert "</script><script>alert(1)</script>" in shown
    assert "memoriser \N{ROBOT FACE} & co" in shown
    assert "<i>E001</i>" in shown
    for letter in "\u202e\u2028\x00\x1b":
        assert letter not in text
    data = json.loads(page.inside("script")[0])
    assert data["models"][0] == models[0]
    assert "<" not in page.inside("script")[0]


@pytest.mark.parametrize("letter", ["</script>", "<!--", "&", "\u2028", "\u2029", '"', "\\"])
def test_embedded_json_ends_nothing(letter):
    written = embed({"name": f"a{letter}b"})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": f"a{letter}b"}


def test_embedded_json_has_no_undefined_numbers():
    with pytest.raises(ValueError, match="JSON"):
        embed([float("nan")])


@pytest.mark.parametrize("size", SIZES)
def test_every_shown_pair_has_its_row_with_its_numbers(size):
    report = full_report(*size)
    page = Page(report.to_html())
    rows = [attrs for attrs in page.all("tr") if "data-m" in attrs]
    models = min(report.verdict["model"].nunique(), 12)
    assert len(rows) == models * report.verdict["target"].nunique()
    assert len({(attrs["data-m"], attrs["data-t"]) for attrs in rows}) == len(rows)
    first = report.verdict.iloc[0]
    assert f"{first['model_value']:.3f}" in page.text()


def test_the_first_screen_answers_in_words():
    text = Page(full_report(models=["honest"], n_models=1, n_targets=4).to_html()).text()
    assert "honest is better than what you get for free" in text
    assert "specific to the cell type" in text
    assert "Setting: cross-cell-type" in text
    assert (
        "What you may claim: You may claim that honest is better than what you get for free and "
        "cell-type-specific at all 4 targets."
    ) in text
    memory = Page(full_report(models=["memoriser"], n_models=1, n_targets=1).to_html()).text()
    assert "memoriser is not better than what you get for free" in memory
    assert "You may not claim that memoriser is better than what you get for free" in memory
    assert "consistent with memorisation" in memory


def test_several_models_are_counted():
    text = Page(full_report(6, 4).to_html()).text()
    assert re.search(r"Of 6 models, \w+ (is|are) better than what you get for free at every", text)


@pytest.mark.parametrize(
    ("specificity", "words"),
    [
        ("cell-type-specific", "knows something specific to the cell type"),
        ("inconclusive", "whether it knows the cell type is not known"),
    ],
)
def test_what_cannot_be_told_is_not_called_no(specificity, words):
    report = full_report(models=["random"], n_models=1, n_targets=2)
    information = report.information.assign(
        specificity=[specificity, "inconclusive"], utility="inconclusive"
    )
    page = full_report(
        models=["random"], n_models=1, n_targets=2, tables={"information": information}
    ).to_html()
    assert words in Page(page).text()
    assert "not shown to be better" in Page(page).text()


@pytest.mark.parametrize(
    "size", [(8, 500), (100, 500), (3, 3000), (400, 2)], ids=lambda size: "x".join(map(str, size))
)
@pytest.mark.slow
def test_the_page_is_small_whatever_the_size(size):
    names = [f"\N{ROBOT FACE}<{'x' * 60}>{place}" for place in range(size[0])]
    report = make_report(
        models=names, n_targets=size[1], n_strata=2,
        tables={"ranks": ranks_rows(names[:4], ["E003", "E004"])},
    )  # fmt: skip
    text = report.to_html()
    assert len(text.encode()) < 2_000_000
    page = Page(text)
    assert page.faults == []
    assert "all numbers are in the report's JSON" in page.text()


def test_many_targets_and_all_their_strata_fit():
    report = full_report(3, 120, n_strata=54)
    text = report.to_html()
    assert len(text.encode()) < 2_000_000
    data = json.loads(Page(text).inside("script")[0])
    assert len(data["targets"]) == 120
    assert len(data["rows"]) == 120
    detail = next(iter(data["strata"].values()))
    assert len(detail["n"]) == len(detail["v"]["average"]) == 54


def test_strata_that_are_too_small_to_interpret_are_not_shown():
    report = full_report(2, 1, n_strata=6)
    small = (report.strata["stratum"] == "4").to_numpy()
    why = "fewer than 10 of a class: too few to interpret"
    reasons = report.strata["reason"].mask(small, why)
    assert report.strata["value"][small].notna().all()
    page = Page(dataclasses.replace(report, strata=report.strata.assign(reason=reasons)).to_html())
    (detail,) = json.loads(page.inside("script")[0])["strata"].values()
    for numbers in detail["v"].values():
        assert [at for at, number in enumerate(numbers) if number is None] == [1, 3]
    assert None not in (detail["n"] + detail["p"] + detail["f"])


def test_a_report_of_nothing_still_opens():
    page = Page(make_report(0, 0).to_html())
    assert page.faults == []
    assert "there is no answer" in page.text()


def test_a_report_without_strata_families_or_ranks_says_so():
    tables = {name: empty_table(name) for name in ("strata", "comparisons", "ranks", "findings")}
    page = Page(make_report(2, 3, tables=tables).to_html())
    assert page.faults == []
    assert "families" not in page.ids
    for words in ("has no strata", "holds no ranks", "None."):
        assert words in page.text()


def test_undefined_numbers_are_said_to_be_so():
    report = make_report(2, 2)
    verdict = report.verdict.copy()
    gone = ["skill", "skill_ci_low", "skill_ci_high", "difference", "ci_low", "ci_high",
            "model_value", "baseline_value"]  # fmt: skip
    verdict.loc[0, gone] = np.nan
    verdict.loc[0, ["verdict", "flag", "reason"]] = ["not-testable", "", 'no "positives" & none']
    scores = report.scores.copy()
    scores.loc[scores["kind"] == "model", ["ci_low", "ci_high"]] = np.nan
    page = Page(make_report(2, 2, tables={"verdict": verdict, "scores": scores}).to_html())
    assert page.faults == []
    assert "not testable" in page.text()
    reasons = [attrs.get("title") for attrs in page.all("b")]
    assert 'no "positives" & none' in reasons
    assert "nan" not in re.sub(r"\w*nan\w+|\w+nan", "", page.text().lower())


def test_continuous_labels_have_their_own_range():
    report = make_report(2, 2)
    strata = report.strata.assign(metric="mse", value=report.strata["value"] * 30)
    scores = report.scores[report.scores["metric"] == "auroc"].assign(metric="mse")
    verdict = report.verdict.assign(metric="mse")
    tables = {"strata": strata, "verdict": verdict, "scores": scores.reset_index(drop=True)}
    page = Page(make_report(2, 2, tables=tables).to_html())
    (chart,) = (attrs for attrs in page.all("div") if attrs.get("id") == "strata-chart")
    assert float(chart["data-high"]) > 1
    assert "MSE" in page.text()


def test_codes_of_findings_lead_to_the_documentation():
    report = make_report(2, 1)
    links = [attrs["href"] for attrs in Page(report.to_html(docs="https://d.org/x")).all("a")]
    assert "https://d.org/x/checks/lk003.html" in links


def test_without_an_address_the_page_of_a_code_is_in_the_report():
    report = make_report(2, 1)
    page = Page(report.to_html())
    assert explain("LK003").splitlines()[4].strip() in page.text()
    assert not [attrs for attrs in page.all("a") if "lk003" in attrs["href"]]
    assert "What it means" not in Page(report.to_html(docs="https://d.org")).text()


def test_many_places_of_a_finding_are_folded():
    findings = make_report(2, 1).findings
    many = pd.concat([findings.iloc[[0]]] * 60, ignore_index=True)
    text = Page(make_report(2, 1, tables={"findings": many}).to_html()).text()
    assert "At 60 places" in text
    assert "and 20 more in the report's JSON" in text


def test_muted_codes_are_named():
    text = Page(make_report(2, 1).muted("LK018").to_html()).text()
    assert "Muted: LK018 (1)." in text
    empty = make_report(2, 1, tables={"findings": empty_table("findings")}).muted("LK018")
    assert "None.Muted: LK018 (0)." in Page(empty.to_html()).text()


def test_concordance_within_loci_is_shown_where_there_is_any():
    within = build_table(
        "within_locus",
        {"model": ["honest"], "concordance": [0.612], "ci_low": [0.6], "ci_high": [0.62],
         "pvalue": [5.3e-34], "n_targets": [2]},
    )  # fmt: skip
    text = Page(make_report(2, 2, tables={"within_locus": within}).to_html()).text()
    assert "memory alone gives 0.500" in text
    assert "0.612" in text
    assert "5.30e-34" in text  # no p-value is 0.000


def test_it_is_written_to_a_file(tmp_path):
    report = make_report(2, 1)
    assert report.to_html(tmp_path / "r.html") is None
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == report.to_html()
    with pytest.raises(ValidationError, match="existing folder"):
        report.to_html(tmp_path / "none" / "r.html")


def test_the_first_screen_in_a_notebook_stands_alone():
    html = make_report(models=HOSTILE, n_targets=2)._repr_html_()
    page = Page(html)
    assert page.faults == []
    assert page.ids == []  # a notebook shows many of them on one page
    assert not page.all("script")
    (style,) = page.inside("style")
    rules = re.sub(r"@media[^{]*\{|\{[^{}]*\}", ";", style)
    for rule in filter(None, (one.strip(" }\n") for one in rules.split(";"))):
        assert all(one.strip().startswith(".leakcheck-report") for one in rule.split(",")), rule
    assert "What you may claim" in page.text()


def test_style_and_script_are_packed():
    folder = resources.files("leakcheck._html")
    for name in ("answer.css", "style.css", "script.js"):
        assert folder.joinpath(name).is_file()


@pytest.mark.slow
def test_style_and_script_are_in_the_wheel(tmp_path):
    builders = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    root = Path(leakcheck.__file__).parents[1]
    if not (root / "pyproject.toml").is_file():
        pytest.skip("leakcheck was not installed from its sources")
    (built,) = builders.WheelBuilder(str(root)).build(
        directory=str(tmp_path), versions=["standard"]
    )
    names = zipfile.ZipFile(built).namelist()
    for name in ("answer.css", "style.css", "script.js"):
        assert f"leakcheck/_html/{name}" in names
