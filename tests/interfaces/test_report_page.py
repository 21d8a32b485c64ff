"""The report in a real browser: opens from disk, can be chosen from, sorted, read by all."""

import itertools
import json
import shutil
import subprocess

import numpy as np
import pytest

import leakcheck
from leakcheck.checks import findings_table, make_finding
from tests.report.factory import make_report
from tests.report.test_html import HOSTILE, full_report, ranks_rows

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def report_page():
    """Page of three models at five targets."""
    return full_report(3, 5).to_html()


def path_of(page, query):
    """Geometry of a path."""
    return page.eval_on_selector(query, "path => path.getAttribute('d')")


def rows_shown(page, table):
    """Text of the rows of a table that are not hidden."""
    return page.eval_on_selector_all(
        f"#{table} tbody tr:not([hidden])",
        "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent.trim()))",
    )


def test_it_opens_from_the_disk_without_network(opened, report_page):
    with opened(report_page) as page:
        assert page.title() == "leakcheck: 3 models at 18,915 loci, 5 target cell types"
        assert page.locator("h1").inner_text() == "Audit against what you get for free"
        assert page.locator(".card").count() == 3


def test_the_policy_stops_foreign_scripts(chromium, report_page, tmp_path):
    path = tmp_path / "strange.html"
    foreign = "<script>window.foreign = 1</script><img src='https://example.org/x.png' alt=''>"
    path.write_text(report_page.replace("</main>", f"{foreign}</main>"), encoding="utf-8")
    complaints = []
    page = chromium.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(path.as_uri())
    assert page.evaluate("typeof window.foreign") == "undefined"
    assert len([text for text in complaints if "Content Security Policy" in text]) == 2
    page.close()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4, 500)])
def test_few_and_many_targets_fit_the_screen(opened, viewport, size):
    html = make_report(*size, n_strata=8).to_html()
    with opened(html, viewport=viewport) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
        assert page.locator(".card").first.is_visible()
        assert len(rows_shown(page, "scores-table")) == size[0] * size[1]
        box = page.locator("#scores-chart .plot").bounding_box()
        assert box["width"] > 150
        assert box["height"] > 20 * min(size[1], 2)
        assert page.locator("#scores-chart svg path.dot").count() >= size[0]


def test_without_script_all_of_it_is_there(opened, report_page):
    with opened(report_page, java_script_enabled=False) as page:
        assert page.locator("#controls").is_hidden()
        assert page.locator("#scores-table tbody tr").count() == 15
        assert page.locator("#strata-chart path.dot").first.get_attribute("d")
        assert page.locator("#ranks-chart .panel").count() == 3


def test_a_head_sorts_its_table_by_number_and_by_name(opened, report_page):
    with opened(report_page) as page:
        head = page.locator("#scores-table thead th").nth(5)
        for order, sign in (("descending", -1), ("ascending", 1)):
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == order
            values = [float(row[5].split(" ")[0]) for row in rows_shown(page, "scores-table")]
            assert values == sorted(values, key=lambda value, sign=sign: sign * value)
            assert len(values) == 15
        page.locator("#scores-table thead th").first.locator("button").focus()
        page.keyboard.press("Enter")
        names = [row[0] for row in rows_shown(page, "scores-table")]
        assert names == sorted(names)
        assert head.get_attribute("aria-sort") is None


def test_undefined_numbers_sort_last_both_ways(opened):
    with opened(full_report(2, 1).to_html()) as page:
        for _ in range(2):
            page.locator("#strata-table thead th").nth(7).locator("button").click()
            values = [row[7] for row in rows_shown(page, "strata-table")]
            assert values[-1] == "n/a"
            assert "n/a" not in values[:-1]


def test_choosing_a_model_and_a_target_changes_every_section(opened, report_page):
    with opened(report_page) as page:
        before = [
            path_of(page, "#strata-chart [data-m='0'] .dot"),
            rows_shown(page, "strata-table"),
        ]
        page.select_option("#choose-target", label="E006")
        assert {row[1] for row in rows_shown(page, "scores-table")} == {"E006"}
        assert page.locator("#strata-target").inner_text() == "E006"
        assert page.locator("#ranks-target").inner_text() == "E006"
        after = [path_of(page, "#strata-chart [data-m='0'] .dot"), rows_shown(page, "strata-table")]
        assert all(one != other for one, other in zip(before, after, strict=True))
        assert path_of(page, "#scores-chart .band")
        page.select_option("#choose-model", label="memoriser")
        (row,) = rows_shown(page, "scores-table")
        assert row[:2] == ["memoriser", "E006"]
        assert page.locator("#ranks-chart .panel:visible").count() == 1
        assert page.locator("#scores-chart g.dim").count() == 2
        assert page.locator("#chosen").inner_text() == (
            "memoriser at E006: consistent with memorisation."
        )
        page.click("#choose-all")
        assert len(rows_shown(page, "scores-table")) == 15
        assert page.locator("#ranks-chart .panel:visible").count() == 3
        assert page.locator("#chosen").inner_text() == ""


def test_drawing_a_target_again_gives_what_was_written(opened, report_page):
    """The script and Python draw the same strata and the same ranks from the same numbers."""
    queries = [
        "#strata-chart [data-series='o']",
        "#strata-chart [data-series='average-activity']",
        "#strata-chart [data-m='1'] .thin",
        "#strata-chart [data-m='2'] .dot",
        ".panel[data-m='0'] .rank.active",
        ".panel[data-m='0'] .quartiles.inactive",
    ]
    numbers = "d => (d.match(/-?[0-9.]+/g) || []).map(Number)"
    with opened(report_page) as page:
        read = [page.evaluate(numbers, path_of(page, query)) for query in queries]
        words = rows_shown(page, "strata-table")
        page.select_option("#choose-target", label="E005")
        page.select_option("#choose-target", label="E003")
        again = [page.evaluate(numbers, path_of(page, query)) for query in queries]
        assert rows_shown(page, "strata-table") == words
        for one, other in zip(read, again, strict=True):
            assert one
            assert other == pytest.approx(one, abs=0.6)


def test_families_follow_the_choice_too(opened):
    report = full_report(3, 5)
    comparisons = report.comparisons
    other = comparisons["target"] == "E004"
    comparisons.loc[other, ["difference", "ci_low", "ci_high"]] = [-0.03, -0.05, -0.01]
    comparisons.loc[~other, "pvalue_adjusted"] = 0.01
    comparisons.loc[other, "pvalue_adjusted"] = 0.9
    html = full_report(3, 5, tables={"comparisons": comparisons}).to_html()
    with opened(html) as page:
        sure, unsure = (f"#families-chart .dot.{kind}" for kind in ("s1", "s0"))
        first = path_of(page, sure)
        assert first.count("M") == 6
        assert path_of(page, unsure) == ""
        page.locator("#families-chart .plot").hover(position={"x": 20, "y": 50})
        assert page.locator("#tip").inner_text() == (
            "stratum 1: difference 0.020 [0.010, 0.030]; Mann-Whitney: significant"
        )
        page.select_option("#choose-target", label="E004")
        assert page.locator("#families-target").inner_text() == "E004"
        assert path_of(page, sure) == ""
        assert path_of(page, unsure).count("M") == 6
        page.select_option("#choose-target", label="E003")
        numbers = "d => d.match(/-?[0-9.]+/g).map(Number)"
        again = page.evaluate(numbers, path_of(page, sure))
        assert again == pytest.approx(page.evaluate(numbers, first), abs=0.6)


def test_values_are_told_under_the_pointer(opened, report_page):
    with opened(report_page) as page:
        tip = page.locator("#tip")
        page.locator("#scores-chart .plot").hover(position={"x": 300, "y": 40})
        words = tip.inner_text()
        assert words.count("\n") == 3
        assert "honest: AP 0." in words
        assert "average 0." in words
        page.locator("#strata-chart .plot").hover(position={"x": 300, "y": 100})
        assert tip.inner_text().startswith("stratum: ")
        page.locator("#ranks-chart .plot").first.hover(position={"x": 60, "y": 60})
        assert "quartiles" in tip.inner_text()
        page.locator("h1").hover()
        assert tip.is_hidden()


def test_a_click_on_a_row_of_the_chart_chooses_its_target(opened, report_page):
    with opened(report_page) as page:
        page.locator("#scores-chart .plot").click(position={"x": 200, "y": 3})
        shown = {row[1] for row in rows_shown(page, "scores-table")}
        assert len(shown) == 1
        first = page.locator("#scores-chart .ys span").first.text_content()
        assert shown == {first}


def test_a_single_target_tells_its_rows(opened):
    with opened(full_report(2, 1).to_html()) as page:
        page.locator("#scores-chart .plot").hover(position={"x": 300, "y": 10})
        assert "AP 0.9" in page.locator("#tip").inner_text()


def test_hostile_names_stay_text_in_every_place(opened):
    report = make_report(
        models=HOSTILE, n_targets=3, tables={"ranks": ranks_rows(HOSTILE, ["E003"])}
    )
    with opened(report.to_html()) as page:
        assert page.locator("script").count() == 2
        assert page.locator("img").count() == 0
        assert page.locator(".card h3").first.inner_text() == HOSTILE[0]
        for model, target in itertools.product(range(len(HOSTILE)), (0, 1)):
            page.select_option("#choose-model", value=str(model))
            page.select_option("#choose-target", value=str(target))
        page.select_option("#choose-model", value="0")
        assert HOSTILE[0] in page.locator("#chosen").inner_text()
        page.locator("#scores-chart .plot").hover(position={"x": 300, "y": 10})
        assert HOSTILE[0] in page.locator("#tip").inner_text()
        assert page.locator("img").count() == 0


def test_the_first_screen_of_a_notebook_renders(opened):
    html = make_report(3, 5)._repr_html_()
    page_around = f"<!DOCTYPE html><html lang='en'><title>n</title><body>{html}{html}</body></html>"
    with opened(page_around, viewport=PHONE) as page:
        assert page.locator(".card").count() == 6
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_on_paper_nothing_is_cut_off_or_hidden(opened, report_page):
    with opened(report_page, viewport={"width": 794, "height": 1123}) as page:
        page.emulate_media(media="print")
        assert page.locator("#controls").is_hidden()
        assert page.locator("nav").is_hidden()
        cut = page.eval_on_selector_all(
            ".scroll", "boxes => boxes.filter(b => b.scrollHeight > b.clientHeight + 1).length"
        )
        assert cut == 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 794
        assert page.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
def test_axe_finds_no_serious_fault(opened, report_page, scheme, viewport):
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed"
    )
    with opened(report_page, color_scheme=scheme, viewport=viewport) as page:
        for details in page.locator("details").all():
            details.evaluate("one => { one.open = true; }")
        page.select_option("#choose-model", value="1")
        answer = axe.Axe().run(page).response
        found = answer["violations"]
        assert len(answer["passes"]) > 20
        serious = {
            one["id"]: [node["html"][:200] for node in one["nodes"][:3]]
            for one in found
            if one["impact"] in {"serious", "critical"}
        }
        assert serious == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_background_follows_the_reader(opened, report_page, scheme):
    with opened(report_page, color_scheme=scheme) as page:
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        bright = sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(", "))) > 380
        assert bright == (scheme == "light")


def many_places():
    """A report in which one code was found at five targets, so that its evidence is folded."""
    findings = findings_table(
        make_finding("LK017", evidence=f"{20 + place} labels are missing", target=f"E{place:03d}")
        for place in range(3, 8)
    )
    return full_report(2, 5, tables={"findings": findings})


def test_paper_shows_the_evidence_that_the_screen_folds(opened, tmp_path):
    with opened(many_places().to_html()) as page:
        item = page.locator("#findings details.evidence li").first
        assert not item.is_visible()
        page.emulate_media(media="print")
        assert item.evaluate("one => one.getBoundingClientRect().height") > 5
        page.emulate_media(media="screen")
        page.pdf(path=str(tmp_path / "report.pdf"))
        assert not item.is_visible()  # folded again
        assert page.locator("details.evidence[open]").count() == 0


def test_the_text_of_the_paper_holds_the_evidence(opened, tmp_path):
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("pdftotext (poppler) is not on the path: nothing reads the PDF")
    path = tmp_path / "report.pdf"
    with opened(many_places().to_html()) as page:
        page.pdf(path=str(path))
    run = subprocess.run([reader, str(path), "-"], capture_output=True, check=True)
    text = " ".join(run.stdout.decode().split())
    for place in range(3, 8):
        assert f"{20 + place} labels are missing" in text
    assert "labels of other chromosomes" in text  # from the table of targets, which is folded too


@pytest.mark.parametrize("width", [390, 1280])
def test_what_a_reader_needs_of_the_table_is_in_view(opened, report_page, width):
    with opened(report_page, viewport={"width": width, "height": 900}) as page:
        box = page.locator(".scroll:has(#scores-table)").bounding_box()
        right = box["x"] + box["width"] + 1
        caption = page.locator("#scores-table caption span").bounding_box()
        assert caption["x"] + caption["width"] <= right
        if width == 1280:
            last = page.locator("#scores-table thead th").last.bounding_box()
            assert last["x"] + last["width"] <= right
        page.locator(".scroll:has(#scores-table)").evaluate("one => { one.scrollLeft = 400; }")
        model = page.locator("#scores-table tbody th").first.bounding_box()
        assert abs(model["x"] - box["x"]) < 2  # the name stays beside its numbers


def test_differences_are_sorted_by_skill_among_skills(opened):
    report = full_report(3, 1)
    verdict = report.verdict
    odd = (verdict["baseline"] == "nearest-celltype") & (verdict["model"] == "honest")
    verdict = verdict.assign(tested=np.where(odd, "difference", "skill"))
    page_text = full_report(3, 1, tables={"verdict": verdict}).to_html()
    skills = verdict[verdict["baseline"] == "nearest-celltype"].sort_values("skill")["model"]
    with opened(page_text) as page:
        page.locator("#scores-table thead th").nth(4).locator("button").click()
        assert [row[0] for row in rows_shown(page, "scores-table")] == skills.tolist()[::-1]
        page.locator("#scores-table thead th").nth(4).locator("button").click()
        assert [row[0] for row in rows_shown(page, "scores-table")] == skills.tolist()


def continuous_page(n_targets=2):
    """Page of an audit of real-valued labels."""
    world = leakcheck.simulate.epigenome(n_loci=900)
    targets = world.held_out(n_targets)
    preds = {
        name: leakcheck.simulate.predict(world, name, targets) for name in ("random", "memoriser")
    }
    train = [name for name in world.cell_types if name not in targets]
    signal = np.arcsinh(world.signal)
    return leakcheck.audit(preds, signal, world.loci, train=train).to_html()


def test_a_page_of_real_numbers_speaks_of_no_active_locus(opened):
    with opened(continuous_page()) as page:
        text = page.locator("main").inner_text()
        for section in ("answer", "scores", "strata", "ranks"):
            words = page.locator(f"#{section}").inner_text().lower()
            for word in ("prevalence", "positives", "no skill", "inactive", "active loci",
                         "to the right of a tick"):  # fmt: skip
                assert word not in words, (section, word)
        assert "a model to the left of a tick does better" in text
        heads = page.locator("#strata-table thead th").all_inner_texts()
        assert heads == ["stratum", "loci", "average", "nearest", "random", "memoriser"]
        before = rows_shown(page, "strata-table")
        page.select_option("#choose-target", index=2)
        after = rows_shown(page, "strata-table")
        assert before != after
        page.select_option("#choose-target", index=1)
        assert rows_shown(page, "strata-table") == before
        data = page.locator("#leakcheck-data").text_content()
        rows = json.loads(data)["rows"]
        targets = page.locator("#choose-target option").all_inner_texts()[1:]
        page.click("#choose-all")
        average = {row[1]: float(row[6]) for row in rows_shown(page, "scores-table")}
    easiest = [average[targets[row]] for row in rows]
    assert easiest == sorted(easiest)
    assert len(set(easiest)) > 1


def test_one_target_of_real_numbers_has_the_least_error_on_top(opened):
    with opened(continuous_page(1)) as page:
        names = page.locator("#scores-chart .ys span").all_inner_texts()
        assert names[-1] == "random"  # its error is the largest
        assert "tick" not in page.locator("#scores > p").first.inner_text()
