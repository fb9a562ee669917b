"""FluoroPrint's sample data: registered at start, made on this machine, each a sweep of its own case."""

from pathlib import Path

import pytest
import slicer
import stand_in
from FluoroPrintLib.mrml.cases import case_of
from FluoroPrintLib.mrml.sweeps import is_sweep_node, sweep_from_nodes


@pytest.fixture
def sources(application, monkeypatch):
    stand_in.start_module(monkeypatch, "FluoroPrint")
    stand_in.emit(slicer.app, "startupCompleted()")
    from SampleData import SampleDataLogic

    return SampleDataLogic.sampleDataSourcesByCategory("FluoroPrint")


def test_two_sweeps_are_offered_with_their_pictures(sources):
    assert [source.sampleName for source in sources] == ["Skull sweep", "Lumbar sweep"]
    for source in sources:
        assert Path(source.thumbnailFileName).stat().st_size > 5000


@pytest.mark.parametrize(("index", "frames"), [(0, 120), (1, 120)])
def test_a_sample_becomes_a_sweep_in_a_case_of_its_own(sources, application, index, frames):
    (node,) = sources[index].customDownloader(sources[index])
    assert application.errors == []
    assert is_sweep_node(node)
    assert case_of(node) == node.GetName() == sources[index].sampleName
    sweep = sweep_from_nodes(node)
    assert sweep.geometry.count == frames
    assert 199.9 <= abs(sweep.geometry.primary_deg[-1] - sweep.geometry.primary_deg[0]) <= 205


def test_a_sample_taken_twice_makes_two_cases(sources):
    first, second = (sources[0].customDownloader(sources[0])[0] for _ in range(2))
    assert case_of(first) != case_of(second)
