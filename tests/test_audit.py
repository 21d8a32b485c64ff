"""The audit: forms, options, executors, what the report says of its input, and sound tables."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

import leakcheck
from leakcheck._audit import run
from leakcheck._audit.run import batches_of
from leakcheck.metrics import METRICS
from leakcheck.report import AuditReport
from leakcheck.results import TABLES
from tests.test_results import DTYPES
from tests.worlds import (
    assert_nothing_is_silent,
    assert_same_tables,
    small_report,
    small_world,
)


@pytest.fixture
def world():
    return small_world()


@pytest.fixture
def report():
    return small_report()


def long_table(world):
    """One row for each pair, locus by locus; predictions of reference pairs are missing."""
    n, m = world.labels.shape
    table = pd.DataFrame(
        {
            "locus": np.repeat(world.labels.index.to_numpy(), m),
            "celltype": np.tile(world.labels.columns.to_numpy(), n),
            "label": world.labels.to_numpy().ravel(),
            "signal": world.signal.to_numpy().ravel(),
        }
    )
    for name, frame in world.preds.items():
        table[name] = frame.reindex(columns=world.labels.columns).to_numpy().ravel()
    table["reference"] = table["celltype"].isin(world.references)
    return table


def as_long_arrays(world):
    table = long_table(world)
    preds = {name: table[name].to_numpy() for name in world.preds}
    return leakcheck.audit(
        preds,
        table["label"].to_numpy(),
        table["locus"].to_numpy(),
        table["celltype"].to_numpy(),
        train=table["reference"].to_numpy(),
        signal=table["signal"].to_numpy(),
    )


def as_columns(world):
    return leakcheck.audit(
        {name: name for name in world.preds},
        "label",
        "locus",
        "celltype",
        data=long_table(world),
        train="reference",
        signal="signal",
    )


FORMS = {
    "wide": lambda w: w.audit(signal=w.signal),
    "long arrays": as_long_arrays,
    "columns": as_columns,
    "names of rows": lambda w: w.audit(signal=w.signal, loci=None),
    "families": lambda w: w.audit(signal=w.signal, preds={"family": dict(w.preds)}),
    "evaluation set": lambda w: leakcheck.audit(w.build(signal=w.signal)),
    "separate table": lambda w: w.audit(
        signal=w.signal, labels=w.labels[w.targets], train=w.labels[w.references]
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_verdicts(world, report, form):
    found = FORMS[form](world)
    keys = {"verdict": ["baseline"], "information": [], "scores": ["metric"]}
    for name, more in keys.items():
        by = ["model", "target", *more]
        pd.testing.assert_frame_equal(
            getattr(found, name).sort_values(by, ignore_index=True),
            getattr(report, name).sort_values(by, ignore_index=True),
            rtol=1e-3 if name == "information" else 1e-9,
        )


def test_models_can_come_one_by_one(world, report):
    alone = world.audit(signal=world.signal, preds=world.preds["memoriser"])
    expected = report.verdict.query("model == 'memoriser'").reset_index(drop=True)
    assert set(alone.verdict["model"]) == {"model"}
    pd.testing.assert_frame_equal(
        alone.verdict.drop(columns="model"), expected.drop(columns="model")
    )


class TestOrderOfRows:
    def shuffled(self, tables):
        rows = np.random.default_rng(0).permutation(len(tables["labels"]))
        preds = {name: frame.iloc[rows] for name, frame in tables.pop("preds").items()}
        return {name: table.iloc[rows] for name, table in tables.items()} | {"preds": preds}

    def test_changes_no_bit_where_loci_have_coordinates(self, world, report):
        tables = {"labels": world.labels, "loci": world.loci, "signal": world.signal}
        found = world.audit(**self.shuffled(tables | {"preds": world.preds}))
        for name in TABLES:
            expected = report.to_frame(name)
            pd.testing.assert_frame_equal(found.to_frame(name), expected, check_exact=True)

    def test_stands_in_for_the_genome_where_they_have_none(self, world):
        genes = [f"g{i}" for i in range(len(world.labels))]
        preds = {name: frame.set_axis(genes) for name, frame in world.preds.items()}
        tables = {"labels": world.labels.set_axis(genes), "preds": preds}
        for given in (tables, self.shuffled(dict(tables))):
            found = world.audit(loci=None, **given)
            stretches = world.audit(loci=None, blocks=np.arange(400) // 20, **given)
            pd.testing.assert_frame_equal(found.verdict, stretches.verdict)
            assert "LK018" in set(found.findings["code"])


class TestExecutors:
    def test_threads_change_nothing(self, world, report):
        with ThreadPoolExecutor(3) as pool:
            assert_same_tables(world.audit(signal=world.signal, executor=pool), report)

    def test_threads_over_targets_with_other_loci_change_nothing(self, world):
        labels = world.labels.astype(float)
        for i, target in enumerate(world.targets):
            labels.iloc[10 * i : 10 * i + 10, labels.columns.get_loc(target)] = np.nan
        with ThreadPoolExecutor(3) as pool:
            assert_same_tables(
                world.audit(labels=labels, executor=pool), world.audit(labels=labels)
            )

    def test_processes_change_nothing(self, world, report):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(2, mp_context=context) as pool:
            assert_same_tables(world.audit(signal=world.signal, executor=pool), report)

    def test_batches_follow_from_the_data_and_keep_the_order(self):
        names = [f"C{i}" for i in range(56)]
        assert [len(part) for part in batches_of(names, 18_915)] == [7] * 8
        assert [name for part in batches_of(names, 18_915) for name in part] == names
        assert [len(part) for part in batches_of(names, 300_000)] == [3] * 18 + [2]
        assert [len(part) for part in batches_of(names, 10**8)] == [1] * 56
        assert [len(part) for part in batches_of(names[:9], 400)] == [2, 2, 2, 2, 1]
        assert [len(part) for part in batches_of(names[:3], 0)] == [1, 1, 1]

    def test_the_size_of_batches_changes_nothing_beyond_rounding(self, world, monkeypatch):
        found = []
        for most in (1, 1 << 20):
            monkeypatch.setattr(run, "_BATCH_LOCI", most)
            monkeypatch.setattr(run, "_LEAST_BATCHES", 1)
            found.append(world.audit(signal=world.signal))
        alone, together = found
        # Products in float32, of tables of different height, are behind these two.
        numbers = ["statistic", "pvalue", "pvalue_adjusted"]
        np.testing.assert_allclose(
            together.information[numbers], alone.information[numbers], rtol=0.01, atol=2e-3
        )
        ceiling = alone.scores["model"] == "supervised-ceiling"
        np.testing.assert_allclose(
            together.scores["value"][ceiling], alone.scores["value"][ceiling], atol=1e-4
        )
        for name in TABLES:
            one, other = (report.to_frame(name) for report in (alone, together))
            if name == "information":
                one, other = one.drop(columns=numbers), other.drop(columns=numbers)
            if name == "scores":
                one, other = one[~ceiling], other[~ceiling]
            pd.testing.assert_frame_equal(one, other, check_exact=True)

    def test_progress_is_told_after_each_target(self, world):
        told = []
        world.audit(progress=lambda done, total: told.append((done, total)))
        assert told == [(1, 3), (2, 3), (3, 3)]


class TestSettings:
    def test_describe_the_input(self, world, report):
        settings = report.settings
        assert settings["n_loci"] == 400
        assert settings["targets"] == world.targets
        assert settings["models"] == list(world.preds)
        assert (settings["n_models"], settings["n_targets"]) == (2, 3)
        assert settings["reference_cell_types"] == world.references
        assert settings["reference_source"] == "cell types"
        assert settings["reference_note"] == ""
        assert settings["label_kind"] == "binary"
        assert settings["inputs"] == world.build(signal=world.signal).content_hashes()
        assert settings["versions"]["numpy"] == np.__version__
        assert settings["leakcheck_version"] == leakcheck.__version__
        assert settings["choices"]["primary_metric"] == "expected_average_precision"
        assert settings["choices"]["signal_transform"] == "arcsinh"
        assert settings["parameters"] == {}

    def test_the_version_is_that_of_the_code(self, world, monkeypatch):
        """Another package has the name in the public index, and a copy need not be installed."""
        other = {"leakcheck": "9.9"}
        monkeypatch.setattr("importlib.metadata.version", lambda name: other.get(name, "1"))
        assert world.audit().settings["leakcheck_version"] == leakcheck.__version__

    def test_inferred_references_are_named(self, world):
        found = world.audit(train=None)
        note = found.settings["reference_note"]
        assert note.startswith("Reference cell types inferred from missing predictions: C02, C03")
        assert note.endswith("and 1 more")
        assert "LK001" in set(found.findings["code"])
        assert_same_tables(found, world.audit(), names=("verdict", "information"))

    def test_parameters_are_kept(self, world):
        found = world.audit(parameters={"memoriser": np.int64(10**6)})
        assert found.settings["parameters"] == {"memoriser": 1_000_000}


class TestTables:
    @pytest.mark.parametrize("name", TABLES)
    def test_have_their_columns_and_types(self, report, name):
        table = getattr(report, name)
        assert list(table.columns) == list(TABLES[name])
        for column, kind in TABLES[name].items():
            assert table[column].dtype == DTYPES[kind], column
        assert table.index.equals(pd.RangeIndex(len(table)))

    def test_scores_have_a_row_for_everything(self, world, report):
        table = report.scores
        names = [
            "average-activity", "average-signal", "nearest-celltype", "k-nearest-celltypes",
            "oracle", "supervised-ceiling", "prevalence",
        ]  # fmt: skip
        assert set(table["model"]) == {*world.preds, *names}
        metrics = table.groupby(["model", "target"])["metric"].agg(set)
        for (model, _), found in metrics.items():
            missing = set(METRICS["binary"]) - found
            if model in world.preds:
                assert missing == set()
            elif model in {"average-activity", "average-signal", "nearest-celltype", "prevalence"}:
                assert missing == {"spearman_with_average"}
            else:
                assert missing == {"spearman_with_average", "conditional_auroc"}
        judged = table["model"].isin([*world.preds, *names[:3]])
        bounded = table["metric"].isin(["auroc", "average_precision"]) & judged
        assert table.loc[bounded, ["ci_low", "ci_high"]].notna().all(axis=None)
        kinds = table.groupby("model")["kind"].unique().str.join(",").to_dict()
        assert kinds == {
            **dict.fromkeys(world.preds, "model"),
            **dict.fromkeys(names, "baseline"),
            "oracle": "bound",
            "supervised-ceiling": "bound",
        }

    def test_the_average_knows_nothing_inside_count_strata(self, world):
        table = world.audit().scores.query("metric == 'conditional_auroc'")
        values = table.set_index("model")["value"]
        assert (values["average-activity"] == 0.5).all()
        assert (values["prevalence"] == 0.5).all()
        assert (values["honest-strong"] > 0.8).all()

    def test_verdict_has_every_model_target_and_baseline_once(self, world, report):
        keys = report.verdict[["model", "target", "baseline"]]
        assert not keys.duplicated().any()
        assert len(keys) == 2 * 3 * 3
        assert set(keys["baseline"]) == {"average-activity", "average-signal", "nearest-celltype"}
        assert set(world.audit().verdict["baseline"]) == {"average-activity", "nearest-celltype"}

    def test_verdicts_follow_from_the_bounds(self, report):
        table = report.verdict
        by_difference = table["tested"] == "difference"
        low = table["ci_low"].where(by_difference, table["skill_ci_low"])
        high = table["ci_high"].where(by_difference, table["skill_ci_high"])
        beats = (low > 0) & (table["companion_ci_low"] > 0)
        expected = np.select(
            [beats, high < 0.05], ["beats", "does-not-beat"], default="inconclusive"
        )
        np.testing.assert_array_equal(table["verdict"], expected)
        np.testing.assert_array_equal(table["flag"] == "worse", high < 0)
        assert (beats == (table["pvalue"] < 0.05)).all()

    def test_pvalues_are_adjusted_over_targets(self, report):
        for name, keys in (("verdict", ["model", "baseline"]), ("information", ["model"])):
            for _, part in getattr(report, name).groupby(keys):
                assert len(part) == 3
                expected = multipletests(part["pvalue"], method="holm")[1]
                np.testing.assert_allclose(part["pvalue_adjusted"], expected)

    def test_summary_counts_the_verdicts(self, report):
        for _, row in report.summary.iterrows():
            part = report.verdict.query("model == @row.model and baseline == @row.baseline")
            counts = part["verdict"].value_counts()
            assert row["n_targets"] == 3
            assert row["n_beats"] == counts.get("beats", 0)
            assert row["n_does_not_beat"] == counts.get("does-not-beat", 0)
            assert row["n_inconclusive"] == counts.get("inconclusive", 0)
            holds = (part["verdict"] == "beats") & (part["pvalue_adjusted"] < 0.05)
            assert row["n_beats_adjusted"] == holds.sum()

    def test_design_describes_each_target(self, world, report):
        table = report.design.set_index("target")
        assert table.index.tolist() == world.targets
        average = world.labels[world.references].mean(axis=1)
        row = table.loc[world.targets[0]]
        assert row["setting"] == "cross-cell-type"
        assert row["n_never_active"] == (average == 0).sum()
        assert row["n_always_active"] == (average == 1).sum()
        assert row["n_variable"] == ((average > 0) & (average < 1)).sum()
        assert (row["n_loci"], row["n_hybrid_loci"], row["n_reference"]) == (400, 0, 9)
        assert (row["n_blocks"], row["blocks"]) == (22, "chromosome")

    def test_nothing_is_silent(self, report):
        assert_nothing_is_silent(report)

    def test_json_round_trip_is_exact(self, report, tmp_path):
        path = tmp_path / "report.json"
        report.to_json(path)
        again = AuditReport.from_json(path)
        assert_same_tables(again, report)
        assert again.settings == report.settings
        assert again.to_json() == report.to_json()
