"""The table of methods: each is found by its name, and told what it lacks."""

import re
from dataclasses import replace

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.geometry.volume import Volume, grid_centred_at
from FluoroPrintLib.parameters import parameter_fields
from FluoroPrintLib.segmentation.methods import HINT_WORDS, Hints, find_by, method_named, methods

METHODS = methods()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_a_method_is_found_by_its_name_and_describes_itself(method):
    assert method_named(method.name) == method
    assert re.fullmatch(r"[a-z-]+", method.name)
    assert method.summary.endswith(".")
    assert all(field.help for field in parameter_fields(method.parameters))
    assert set(method.needs) <= set(HINT_WORDS)


def test_names_titles_and_stages_are_taken_once():
    for attribute in ("name", "title", "stage"):
        taken = [getattr(method, attribute) for method in METHODS]
        assert len(set(taken)) == len(taken)


def test_an_unknown_method_is_refused_with_the_known_ones():
    with pytest.raises(FluoroPrintError, match="There is no method magic: choose one of fluoro-bone"):
        method_named("magic")


@pytest.mark.parametrize("need", HINT_WORDS)
def test_a_method_without_what_it_needs_says_so(need):
    method = replace(METHODS[0], needs=(need,))
    volume = Volume(np.zeros((3, 3, 3), np.float32), grid_centred_at((0, 0, 0), (3, 3, 3), 1.0))
    with pytest.raises(FluoroPrintError, match=f"needs {HINT_WORDS[need]} beside the volume"):
        find_by(method, volume, None, Hints())
