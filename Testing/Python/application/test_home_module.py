"""The module FluoroPrint: what its button runs and what it then shows."""

import inspect

import pytest
import stand_in


@pytest.fixture
def widget(application, monkeypatch):
    module = stand_in.load_module(monkeypatch, "FluoroPrint")
    return stand_in.open_panel(module)


@pytest.fixture
def calls(monkeypatch):
    """Calls of the case runner, which is tested on its own; held to its real signature."""
    from FluoroPrintLib.pipeline import case

    made = []
    signature = inspect.signature(case.run_case)

    def run_case(*arguments, **options):
        made.append(signature.bind(*arguments, **options).arguments)
        options["progress"](0.5, "Segmenting")

    monkeypatch.setattr(case, "run_case", run_case)
    return made


def test_the_button_runs_the_case_on_the_open_scene_and_links_the_report(widget, calls, scene, tmp_path):
    widget.sweepEdit.currentPath = "run7.dcm"
    widget.folderEdit.currentPath = str(tmp_path)
    stand_in.click(widget.applyButton)
    assert calls[0]["scene"] is scene
    assert (tmp_path / "report.html").as_uri() in widget.reportLabel.text


@pytest.mark.parametrize(
    ("sweep", "folder", "missing"), [("", "/tmp", "sweep"), ("run7.dcm", "", "output folder")]
)
def test_what_is_missing_is_asked_for_before_anything_runs(
    widget, calls, application, sweep, folder, missing
):
    widget.sweepEdit.currentPath = sweep
    widget.folderEdit.currentPath = folder
    stand_in.click(widget.applyButton)
    assert application.errors == [f"There is no {missing} yet: choose one."]
    assert calls == []
    assert widget.reportLabel.text == ""
