"""Rows of a form: what fields are called, and how many decimals they show."""

import pytest
from FluoroPrintLib.mrml.case_parameters import kept_parameters
from FluoroPrintLib.parameters import parameter_fields
from FluoroPrintLib.slicer_app import rows


def fields(stage):
    return parameter_fields(kept_parameters()[stage])


def test_every_given_name_is_of_a_field():
    named = [(stage, field.name) for stage in kept_parameters() for field in fields(stage)]
    known = {name for _, name in named} | {f"{stage}_{name}" for stage, name in named}
    assert set(rows.NAMES) - known == set()


@pytest.mark.parametrize("stage", kept_parameters())
def test_no_two_rows_of_a_form_are_called_the_same(stage):
    labels = [rows.label_of(field, stage) for field in fields(stage)]
    assert sorted(set(labels)) == sorted(labels)


@pytest.mark.parametrize(
    ("stage", "name", "decimals", "suffix"),
    [
        ("reconstruction", "voxel_mm", 3, " mm"),
        ("model", "min_island_mm3", 1, " mm³"),
        ("model", "smoothing_iterations", 0, ""),
    ],
)
def test_a_number_has_its_unit_and_no_more_decimals_than_it_needs(application, stage, name, decimals, suffix):
    import qt

    panel = qt.QWidget()
    layout = qt.QFormLayout(panel)
    box = rows.add_rows(layout, stage, (name,))[name]
    assert (box.decimals, box.suffix) == (decimals, suffix)
    assert box.toolTip.endswith(f"({name})")
