"""The information test: what it calls specific, what it refuses, and what it never looks at."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from scipy.stats import t as student

import leakcheck
from leakcheck import information
from leakcheck.base.conditional import ConditionalCovariance, largest_correlation
from leakcheck.baselines import genome_blocks
from leakcheck.information import SharedFeatures
from leakcheck.memorization import InformationTest, Question, specificity_of
from leakcheck.panel import ReferencePanel
from leakcheck.simulate import epigenome, predict
from tests.worlds import (
    information_test,
    make_set,
    panel_of,
    small_world,
    split_by_column,
)

MODELS = ("memoriser", "three-celltypes", "random", "honest-weak", "honest-strong", "mixture")


@pytest.fixture(scope="module")
def world():
    return small_world(3, MODELS, n_loci=1500, n_cell_types=12)


def scores_of(world, target=0):
    return {name: world.preds[name][world.targets[target]].to_numpy() for name in world.preds}


@pytest.fixture(scope="module")
def answers(world):
    test, view = information_test(world, signal=world.signal)
    return test.of(Question(view, scores_of(world)))


class TestAnswers:
    @pytest.mark.parametrize("model", ["honest-weak", "honest-strong", "mixture"])
    def test_knowledge_of_the_target_is_found(self, answers, model):
        assert answers.by_model[model].test.pvalue < 1e-3
        assert answers.by_model[model].test.partial_correlation > 0.05
        assert answers.by_model[model].reason == ""

    @pytest.mark.parametrize("model", ["memoriser", "three-celltypes", "random"])
    def test_memory_is_not(self, answers, model):
        assert answers.by_model[model].test.pvalue > 0.01
        assert abs(answers.by_model[model].test.partial_correlation) < 0.1

    def test_degrees_of_freedom_are_blocks_less_one(self, answers):
        assert {one.test.degrees_of_freedom for one in answers.by_model.values()} == {21}

    def test_rank_correlation_with_the_average_is_spearmans(self, world, answers):
        average = world.labels[world.references].mean(axis=1)
        for name, scores in scores_of(world).items():
            expected = spearmanr(average, scores).statistic
            assert answers.by_model[name].spearman_with_average == pytest.approx(expected)

    def test_the_ceiling_is_a_good_cross_fitted_prediction(self, world, answers):
        own = world.labels[world.targets[0]].to_numpy()
        average = world.labels[world.references].mean(axis=1)
        assert len(answers.ceiling) == 1500
        assert np.mean((answers.ceiling - own) ** 2) < np.mean((average - own) ** 2)

    def test_other_models_do_not_matter(self, world, answers):
        test, view = information_test(world, signal=world.signal)
        alone = test.of(Question(view, {"mixture": scores_of(world)["mixture"]}))
        np.testing.assert_allclose(
            alone.by_model["mixture"].test, answers.by_model["mixture"].test, rtol=1e-3
        )
        np.testing.assert_array_equal(alone.ceiling, answers.ceiling)

    def test_an_increasing_transformation_changes_nothing(self, world, answers):
        test, view = information_test(world, signal=world.signal)
        again = test.of(Question(view, {"x": np.exp(3 * scores_of(world)["mixture"])}))
        np.testing.assert_allclose(
            again.by_model["x"].test, answers.by_model["mixture"].test, rtol=1e-3
        )

    def test_the_unit_of_the_signal_does_not_matter(self, world):
        small = np.arcsinh(world.signal) * 2.0**-14  # arcsinh of these is linear
        found = []
        for signal in (small, small * 2.0**-20):
            test, view = information_test(world, signal=signal)
            found.append(test.of(Question(view, scores_of(world))))
        for name in MODELS:
            one, other = (answer.by_model[name].test for answer in found)
            np.testing.assert_allclose(one, other, rtol=1e-3)
        np.testing.assert_allclose(found[0].ceiling, found[1].ceiling, atol=1e-4)

    def test_without_signal_or_coordinates_it_still_answers(self, world):
        ids = [f"gene{i}" for i in range(1500)]
        preds = {name: frame.set_axis(ids) for name, frame in world.preds.items()}
        test, view = information_test(
            world, preds=preds, labels=world.labels.set_axis(ids), loci=None
        )
        found = test.of(Question(view, scores_of(world))).by_model
        assert found["honest-strong"].test.pvalue < 1e-6
        assert found["random"].test.pvalue > 0.01


def test_under_leave_one_out_a_targets_own_columns_are_not_used(world):
    """Every cell type has columns; a target's answers are those without its own."""
    target = world.targets[0]
    preds = {name: frame[[target]] for name, frame in world.preds.items()}
    others = [name for name in world.labels if name != target]
    found = []
    for train in ("leave-one-out", others):
        test, view = information_test(world, preds=preds, train=train, signal=world.signal)
        found.append(test.of(Question(view, scores_of(world))))
    together, alone = found
    np.testing.assert_allclose(together.ceiling, alone.ceiling, atol=1e-5)
    for name, answer in alone.by_model.items():
        # Products in float32, of tables of different width.
        np.testing.assert_allclose(together.by_model[name].test, answer.test, rtol=0.01, atol=2e-3)
    assert alone.by_model["mixture"].test.pvalue < 1e-3


class TestContinuousLabels:
    def test_the_ceiling_has_the_unit_of_the_labels(self, world):
        labels = 100 + 7 * np.log(world.signal)
        test, view = information_test(world, labels=labels)
        found = test.of(Question(view, scores_of(world)))
        own = labels[world.targets[0]].to_numpy()
        error = np.mean((found.ceiling - own) ** 2)
        assert error < np.mean((view.average - own) ** 2)
        assert error < 0.5 * own.var()

    def test_one_huge_value_does_not_decide(self, world):
        labels = np.log(world.signal)
        changed = labels.copy()
        changed.loc[changed[world.targets[0]].idxmax(), world.targets[0]] = 1e6
        found = []
        for y in (labels, changed):
            test, view = information_test(world, labels=y)
            found.append(
                test.of(Question(view, scores_of(world))).by_model["mixture"].test.statistic
            )
        assert found[0] == pytest.approx(found[1], rel=0.05)
        assert found[0] > 5


def test_curves_that_go_astray_do_not_hide_what_is_known():
    """Of few active loci: one prediction far beyond them would outweigh all others."""
    world = epigenome(n_loci=20_000, prevalence=0.005, autocorrelation=0, random_state=6)
    targets = world.held_out(1)
    report = leakcheck.audit(
        predict(world, "honest-strong", targets, random_state=1),
        world.labels,
        world.loci,
        train=[name for name in world.cell_types if name not in world.held_out(2)],
    )
    assert report.information["pvalue"].item() < 0.01


class TestRefusals:
    def refused(self, labels, scores, **options):
        data = make_set(labels, *split_by_column(labels.shape))
        panel = panel_of(data, **options)
        found = InformationTest(panel).of(Question(panel.view("A"), scores))
        assert found.ceiling is None
        for answer in found.by_model.values():
            assert np.isnan(answer.test.pvalue)
        return found.by_model

    @pytest.fixture
    def labels(self):
        return np.random.default_rng(0).integers(0, 2, size=(300, 4)).astype(float)

    def test_few_loci(self, labels):
        scores = {"m": np.random.default_rng(1).random(199)}
        found = self.refused(labels[:199], scores)["m"]
        assert found.reason == "fewer than 200 loci"
        expected = spearmanr(labels[:199, 1:].mean(axis=1), scores["m"]).statistic
        assert found.spearman_with_average == pytest.approx(expected)

    def test_few_blocks(self, labels):
        found = self.refused(labels, {"m": np.arange(300.0)}, blocks=np.arange(300) % 7)
        assert found["m"].reason == "fewer than 8 blocks"

    def test_one_class(self, labels):
        labels[:, 0] = 1
        found = self.refused(labels, {"m": np.arange(300.0), "n": np.ones(300)})
        assert found["m"].reason == found["n"].reason == "the target's labels are all the same"
        assert np.isnan(found["n"].spearman_with_average)

    def test_fewer_loci_than_the_columns_of_the_references_need(self):
        """Five for each of the columns: two of each of 20 cell types, and 30."""
        labels = np.random.default_rng(0).integers(0, 2, size=(350, 21)).astype(float)
        scores = np.random.default_rng(1).random(350)
        found = self.refused(labels[:349], {"m": scores[:349]})["m"]
        assert found.reason == "fewer than the 350 loci which 20 reference cell types need"
        asked = InformationTest(panel_of(make_set(labels, *split_by_column(labels.shape))))
        view = asked._panel.view("A")
        assert asked.of(Question(view, {"m": scores})).by_model["m"].reason == ""

    @pytest.mark.parametrize("active", [True, False])
    def test_a_class_with_fewer_loci_than_columns(self, labels, active):
        """36: two of each of three cell types, and 30."""
        labels[:, 0] = not active
        labels[3:38, 0] = active
        found = self.refused(labels, {"m": np.random.default_rng(1).random(300)})["m"]
        assert found.reason == (
            "fewer than the 36 active and as many inactive loci which 3 reference cell types need"
        )
        labels[40, 0] = active
        asked = InformationTest(panel_of(make_set(labels, *split_by_column(labels.shape))))
        answer = asked.of(Question(asked._panel.view("A"), {"m": np.arange(300.0) % 7}))
        assert answer.by_model["m"].reason == ""

    def test_no_loci(self, labels):
        labels[:, 1:] = np.nan
        labels[0] = [np.nan, 1, 1, 1]
        found = self.refused(labels, {"m": np.empty(0)})["m"]
        assert found.reason == "fewer than 200 loci"
        assert np.isnan(found.spearman_with_average)


class TestAllowance:
    def test_is_of_the_residual_of_the_labels_with_the_whole_score(self, world, monkeypatch):
        """A share of what would be there if the score were the residual itself."""
        found = {}
        for allowance in (0.0, 0.003, 0.3):
            monkeypatch.setattr(information, "ALLOWANCE", allowance)
            test, view = information_test(world, signal=world.signal)
            found[allowance] = test.of(Question(view, scores_of(world))).by_model
        for name in ("honest-weak", "memoriser"):
            plain, *others = (found[allowance][name].test for allowance in found)
            steps = [plain.statistic - other.statistic for other in others]
            assert steps[0] > 0
            assert steps[1] == pytest.approx(100 * steps[0])
            assert {one.partial_correlation for one in others} == {plain.partial_correlation}
        # Nearly all of a memoriser is explained: it has less room, in its own standard errors.
        steps = {
            name: found[0.0][name].test.statistic - found[0.003][name].test.statistic
            for name in ("honest-weak", "memoriser")
        }
        assert steps["memoriser"] > 2 * steps["honest-weak"]


class TestSharedColumns:
    def test_are_made_once_for_targets_with_the_same_loci(self, world, monkeypatch):
        made = []
        build = information.ReferenceFeatures.build
        monkeypatch.setattr(
            information.ReferenceFeatures,
            "build",
            lambda rows, **options: made.append(rows.runs.n_rows) or build(rows, **options),
        )
        labels = world.labels.astype(float)
        labels.iloc[:100, labels.columns.get_loc(world.targets[2])] = np.nan
        data = world.build(labels=labels)
        codes, n_blocks, _ = genome_blocks(data)
        panel = ReferencePanel(data, codes, n_blocks)
        test = InformationTest(panel)
        for target in world.targets:
            view = panel.view(target)
            test.of(Question(view, {"m": np.arange(len(view.rows)) % 31 * 1.0}))
        assert made == [1500, 1400]

    def test_a_thread_never_gets_the_columns_of_other_loci(self, world):
        """Another thread replaces what is kept at every moment at which it could."""
        labels = world.labels.astype(float)
        labels.iloc[:100, labels.columns.get_loc(world.targets[1])] = np.nan
        test, view = information_test(world, labels=labels)
        other = test._panel.view(world.targets[1])
        rows, their_rows = test._rows(view), test._rows(other)
        plain = SharedFeatures()
        theirs = (their_rows.key, plain.of(their_rows))

        class Raced(SharedFeatures):
            """Ours is there for one look at the most."""

            @property
            def _kept(self):
                kept, self.kept = self.kept, theirs
                return kept

            @_kept.setter
            def _kept(self, value):
                self.kept = theirs

        raced = Raced()
        ours = (rows.key, plain.of(rows))
        for kept in (None, ours, theirs):
            raced.kept = kept
            assert raced.of(rows).layout.n_rows == 1500


def covariance(pvalue, correlation=0.0, error=0.01):
    return ConditionalCovariance(0.0, pvalue, 21.0, correlation, error)


class TestSpecificity:
    quantile = float(student.ppf(0.95, 21))

    @pytest.mark.parametrize(
        ("test", "answer"),
        [
            (covariance(np.nan, np.nan, np.nan), "not-testable"),
            (covariance(0.049), "cell-type-specific"),
            (covariance(0.05), "consistent-with-memorisation"),
            (covariance(0.9, -0.5, 0.3), "consistent-with-memorisation"),
            (covariance(0.2, 0.05, 0.03), "inconclusive"),
            (covariance(0.2, 0.05, 0.029), "consistent-with-memorisation"),
        ],
    )
    def test_words(self, test, answer):
        assert specificity_of(test, 0.05, self.quantile) == answer

    @pytest.mark.parametrize(("prevalence", "margin"), [(0.5, 0.1), (0.01, 0.0336), (0.99, 0.0336)])
    def test_of_a_rare_class_less_is_too_much(self, prevalence, margin):
        """No score has a large correlation with a rare class, however well it finds it."""
        largest = largest_correlation(prevalence)
        for upper, answer in (
            (margin - 1e-4, "consistent-with-memorisation"),
            (margin + 1e-4, "inconclusive"),
        ):
            test = covariance(0.2, upper - 0.01 * self.quantile, 0.01)
            assert specificity_of(test, 0.05, self.quantile, largest) == answer

    def test_a_stricter_level_asks_for_more(self):
        assert specificity_of(covariance(0.02), 0.01, 2.5) == "consistent-with-memorisation"


class TestTogether:
    """Several questions at once: the answers are those of each alone, to rounding."""

    def questions(self, world, test, panel):
        return [
            Question(panel.view(name), scores_of(world, number))
            for number, name in enumerate(world.targets)
        ]

    def ask(self, **changes):
        world = small_world(5, ("memoriser", "mixture"), n_loci=900, n_cell_types=12, n_targets=3)
        data = world.build(**changes)
        codes, n_blocks, _ = genome_blocks(data)
        panel = ReferencePanel(data, codes, n_blocks)
        return world, InformationTest(panel), panel

    @pytest.mark.parametrize("train", ["others", "leave-one-out"])
    def test_company_changes_nothing_beyond_rounding(self, train):
        """Alone, splines of the average are written out; in company they are tables of levels."""
        world, test, panel = self.ask(**({} if train == "others" else {"train": train}))
        questions = self.questions(world, test, panel)
        features = test._features.of(test._rows(questions[0].view))
        assert features.serves(3)
        assert not features.serves(1)
        for question, answer in zip(questions, test.of_all(questions), strict=True):
            alone = test.of(question)
            np.testing.assert_allclose(answer.ceiling, alone.ceiling, atol=1e-4)
            for name, one in alone.by_model.items():
                # Products in float32, of tables of different height.
                found = answer.by_model[name]
                np.testing.assert_allclose(found.test, one.test, rtol=0.01, atol=2e-3)
                assert found.spearman_with_average == one.spearman_with_average

    def test_targets_with_other_loci_and_refused_ones_keep_their_places(self):
        world, _, _ = self.ask()
        labels = world.labels.astype(float)
        _, second, third = world.targets
        labels.loc[labels.index[:50], second] = np.nan
        labels[third] = 1.0
        world, test, panel = self.ask(labels=labels)
        questions = self.questions(world, test, panel)
        kept = panel.view(second).rows
        scores = {name: values[kept] for name, values in scores_of(world, 1).items()}
        questions[1] = Question(panel.view(second), scores)
        found = test.of_all([questions[2], questions[0], questions[1]])
        reasons = [one.by_model["mixture"].reason for one in found]
        assert reasons == ["the target's labels are all the same", "", ""]
        assert found[0].ceiling is None
        assert [len(one.ceiling) for one in found[1:]] == [900, 850]
        np.testing.assert_array_equal(found[2].ceiling, test.of(questions[1]).ceiling)

    def test_without_questions_there_is_no_answer(self):
        _, test, _ = self.ask()
        assert test.of_all([]) == []
