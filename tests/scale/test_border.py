"""The rules of the border hold for data on disk, with the words they have in memory."""

import numpy as np
import pandas as pd
import pytest

import leakcheck
from leakcheck.exceptions import ValidationError
from tests.scale.worlds import both_reports, make_source, take


def messages(source, **options):
    """What both audits refuse."""
    with pytest.raises(ValidationError) as in_memory:
        leakcheck.audit(**source.in_memory(), **options)
    with pytest.raises(ValidationError) as on_disk:
        leakcheck.scale.audit(source, **options)
    return str(in_memory.value), str(on_disk.value)


def set_labels(source, values):
    source.labels = values
    return source


def one_class(source):
    source.labels[:, [0, 6]] = 1
    return source, {}


def no_predictions(source):
    for table in source.predictions.values():
        table[:] = np.nan
    return source, {}


def every_pair_predicted(source):
    for table in source.predictions.values():
        table[:] = 0.5
    return source, {}


def one_prediction_missing(source):
    source.predictions["memoriser"][5, 0] = np.nan
    source.labels[3, 0] = np.nan
    return source, {"train": list(source.cell_types[1:6])}


def inferred_prediction_missing(source):
    source.predictions["honest-weak"][[7, 400], 6] = np.nan
    return source, {}


def at_other_loci(source, *models):
    """Labels at some loci, predictions at others: tables that were joined; 20 loci have both."""
    rows = np.arange(900)
    source.labels[rows >= 460] = np.nan
    for model in models or source.models:
        source.predictions[model][rows < 440] = np.nan
    return source


def other_loci(source):
    return at_other_loci(source), {"train": list(source.cell_types[1:6])}


def other_loci_inferred(source):
    return at_other_loci(source), {}


def other_loci_of_one_model(source):
    source.labels[460:] = np.nan
    for table in source.predictions.values():
        table[480:, 6] = np.nan  # loci that nobody labelled
    return at_other_loci(source, "honest-weak"), {"train": list(source.cell_types[1:6])}


def other_loci_out_of_order(source):
    rows = np.random.default_rng(0).permutation(900)
    return take(at_other_loci(source), rows), {}


def other_loci_by_repeated_names(source):
    rows = np.r_[0:5, 0:900, 895:900]
    source = take(at_other_loci(source), rows)
    source.loci = pd.DataFrame({"id": [f"g{row}" for row in rows]})
    return source, {}


def no_labels_where_predictions_are(source):
    source = at_other_loci(source)
    source.labels[440:] = np.nan
    source.labels[:, [0, 6]] = np.nan
    return source, {"train": list(source.cell_types[1:6])}


def most_predictions_missing(source):
    for table in source.predictions.values():
        table[440:] = np.nan
    return source, {"train": list(source.cell_types[1:6])}


def two_values(source):
    return set_labels(source, source.labels + 1), {}


def unlabelled_reference(source):
    source.labels[:, 2] = np.nan
    return source, {"train": [source.cell_types[2]]}


def nothing_to_audit(source):
    return source, {"train": [source.cell_types[0], source.cell_types[6]]}


def targets_without_labels(source):
    source.labels[:, [0, 6]] = np.nan
    return source, {}


def one_labelled_cell_type(source):
    source.labels[:, 1:] = np.nan
    return source, {"train": "leave-one-out"}


def unknown_reference(source):
    return source, {"train": ["C02", "C99"]}


def unknown_family(source):
    return source, {"families": {"nobody": "a"}}


def unknown_parameters(source):
    return source, {"parameters": {"nobody": 3}}


def silent_signal(source):
    source.signal = np.full(source.labels.shape, np.nan)
    return source, {}


def wrong_margin(source):
    return source, {"margin": 1.5}


def too_few_blocks(source):
    return source, {"blocks": np.zeros(900)}


def wrong_positive(source):
    return source, {"positive_label": 7.0}


REFUSED = [
    one_class,
    no_predictions,
    every_pair_predicted,
    one_prediction_missing,
    inferred_prediction_missing,
    other_loci,
    other_loci_inferred,
    other_loci_of_one_model,
    other_loci_out_of_order,
    other_loci_by_repeated_names,
    no_labels_where_predictions_are,
    most_predictions_missing,
    two_values,
    unlabelled_reference,
    nothing_to_audit,
    targets_without_labels,
    one_labelled_cell_type,
    unknown_reference,
    unknown_family,
    unknown_parameters,
    silent_signal,
    wrong_margin,
    too_few_blocks,
    wrong_positive,
]


@pytest.mark.parametrize("case", REFUSED, ids=[case.__name__ for case in REFUSED])
def test_both_refuse_with_one_message(case):
    source, options = case(make_source())
    in_memory, on_disk = messages(source, **options)
    assert on_disk == in_memory
    if "other_loci" in case.__name__ or case is no_labels_where_predictions_are:
        assert "must be of the same loci;" in on_disk


def infinite_score(source):
    source.predictions["memoriser"][300, 0] = np.inf
    return source, {}


def infinite_label(source):
    source.labels[300, 2] = np.inf
    return source, {}


def huge_score(source):
    source.labels = source.continuous
    scores = source.predictions["memoriser"].astype(np.float64)
    scores[300, 0] = -1e200
    source.predictions["memoriser"] = scores
    return source, {}


def huge_label(source):
    source.labels = source.continuous
    source.labels[300, 2] = 1e100
    return source, {}


def backward_interval(source):
    source.loci.loc[300, "end"] = 0
    return source, {}


def fractional_start(source):
    source.loci["start"] = source.loci["start"] + 0.5
    return source, {}


def not_binary(source):
    source.labels[300, 2] = 0.25
    return source, {"label_kind": "binary"}


def infinite_signal(source):
    source.signal = source.continuous
    source.signal[300, 1] = -np.inf
    return source, {}


IN_A_PART = [
    infinite_score,
    infinite_label,
    huge_score,
    huge_label,
    backward_interval,
    fractional_start,
    not_binary,
    infinite_signal,
]


@pytest.mark.parametrize("case", IN_A_PART, ids=[case.__name__ for case in IN_A_PART])
def test_what_is_wrong_in_a_partition_is_said_of_it(case):
    source, options = case(make_source())
    in_memory, on_disk = messages(source, **options)
    assert on_disk.startswith("In rows ")
    rule = in_memory.partition(";")[0].split(": ")[0]
    assert rule.partition("`: ")[0] in on_disk


def test_an_error_of_a_partition_keeps_its_page():
    source = make_source()
    first = source.loci["chrom"].iloc[0]
    source.loci["start"] = source.loci["start"].astype(float)
    source.loci["chrom"] = source.loci["chrom"].astype(object)
    source.loci.loc[1, "chrom"] = first[3:]
    with pytest.raises(ValidationError, match=r"^In rows .* chromosomes in one style") as caught:
        leakcheck.scale.audit(source)
    assert caught.value.code == "LK102"


def test_conflicting_rows_of_a_locus_are_refused():
    source = take(make_source(), np.r_[0:900, 5])
    source.labels[900, 3] = 1 - source.labels[5, 3]
    in_memory, on_disk = messages(source)
    assert "must have one row per locus" in in_memory
    assert on_disk.startswith("In rows 5 and 900 of the source: `labels` must have one row per")


def test_one_id_has_one_interval():
    source = make_source()
    source.loci.insert(0, "id", [f"g{k}" for k in range(900)])
    source.loci.loc[899, "id"] = "g3"
    in_memory, on_disk = messages(source)
    assert "must give each id one interval" in in_memory
    assert "must give each id one interval" in on_disk


def test_chromosomes_in_two_styles_over_two_partitions():
    source = make_source()
    last = source.loci["chrom"].iloc[-1]
    source.loci["chrom"] = source.loci["chrom"].astype(object).replace({last: last[3:]})
    in_memory, on_disk = messages(source)
    assert "must write chromosomes in one style" in on_disk
    assert on_disk == in_memory


def test_cell_types_that_differ_in_blanks():
    source = make_source()
    source.cell_types = (*source.cell_types[:-1], f"{source.cell_types[0]} ")
    in_memory, on_disk = messages(source)
    assert "must differ by more than blanks at the ends of their names" in on_disk
    assert on_disk == in_memory


@pytest.mark.parametrize("train", [np.ones((900, 10), dtype=bool)])
def test_masks_are_for_data_in_memory(train):
    with pytest.raises(ValidationError, match="`train` must name cell types"):
        leakcheck.scale.audit(make_source(), train=train)


def test_families_come_from_one_place():
    source = make_source(families={"memoriser": "a", "honest-weak": "b"})
    with pytest.raises(ValidationError, match="`families` must be left out"):
        leakcheck.scale.audit(source, families={"memoriser": "c"})


def test_a_source_without_loci_is_refused():
    source = make_source()
    source.labels = source.labels[:0]
    with pytest.raises(ValidationError, match="`source` must hold at least one locus"):
        leakcheck.scale.audit(source)


def test_signal_beside_continuous_labels_is_refused_as_in_memory():
    source = make_source()
    source.labels = source.signal = source.continuous
    in_memory, on_disk = messages(source)
    assert on_disk == in_memory


def test_a_signal_that_is_missing_at_a_locus():
    source = make_source()
    source.signal = source.continuous
    source.signal[7] = np.nan
    in_memory, on_disk = messages(source)
    assert "`signal` must be observed wherever reference labels are" in in_memory
    assert "`signal` must be observed wherever reference labels are" in on_disk


def test_a_corrupt_partition_is_named_and_nothing_is_left_behind(tmp_path):
    source = make_source()
    error = leakcheck.scale.CorruptPartitionError("part 3", "a.parquet", "it is cut off")

    def read(partition, whole=source.read):
        if partition.rows.start > 400:
            raise error
        return whole(partition)

    source.read = read
    with pytest.raises(leakcheck.scale.CorruptPartitionError, match="part 3"):
        leakcheck.scale.audit(source, scratch=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_scratch_folder_goes_when_the_user_interrupts(tmp_path):
    source = make_source()

    def read(partition):
        raise KeyboardInterrupt

    source.read = read
    with pytest.raises(KeyboardInterrupt):
        leakcheck.scale.audit(source, scratch=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_scratch_folder_goes_at_the_end(tmp_path):
    expected, found = both_reports(make_source(n=300))
    leakcheck.scale.audit(make_source(n=300), scratch=tmp_path, progress=True)
    assert list(tmp_path.iterdir()) == []
    assert found == expected


@pytest.mark.parametrize("strata", ["variance", np.zeros(900), lambda data, target: None])
def test_strata_of_a_user_are_for_data_in_memory(strata):
    with pytest.raises(ValidationError, match="`strata` must be"):
        leakcheck.scale.audit(make_source(), strata=strata)


def test_a_stretch_that_would_end_among_loci_of_one_start():
    source = make_source(n=60)
    source.loci = source.loci.assign(chrom="chr1", start=np.arange(60) // 30 * 1000)
    source.loci["end"] = source.loci["start"] + 500 - np.arange(60)
    with pytest.raises(ValidationError, match="`blocks` must be given for these loci"):
        leakcheck.scale.audit(source)
    expected, found = both_reports(source, blocks=np.arange(60) % 12)
    assert found == expected
    named = pd.Series(np.arange(60) % 12, index=[f"g{i}" for i in range(60)])
    with pytest.raises(ValidationError, match="`blocks` must be in the order of the source"):
        leakcheck.scale.audit(source, blocks=named)
    expected, found = both_reports(source, blocks=pd.Series(np.arange(60) % 12))
    assert found == expected


def test_few_blocks_of_a_user_are_said():
    expected, found = both_reports(make_source(), blocks=np.arange(900) % 3)
    assert found == expected
    assert "`blocks` names 3; intervals rest on 2" in str(found)
