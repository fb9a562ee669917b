"""The case record comes back from JSON, and says what is wrong with a file that is none."""

from __future__ import annotations

import datetime
import hashlib
import json

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.report.case import (
    INTENDED_USE,
    CaseRecord,
    StageRecord,
    file_record,
    geometry_summary,
    read_record,
    record_to_json,
    write_record,
)


def test_a_record_comes_back_from_its_file(tmp_path, record):
    write_record(record, tmp_path / "case.json")
    assert read_record(tmp_path / "case.json") == record
    assert [path.name for path in tmp_path.iterdir()] == ["case.json"]


def test_numbers_of_numpy_are_written_as_numbers():
    record = CaseRecord("A", stages=(StageRecord("S", np.float64(1.5), {"count": np.int64(3)}),))
    stage = json.loads(record_to_json(record))["stages"][0]
    assert (stage["seconds"], stage["parameters"]["count"]) == (1.5, 3)


def test_a_record_says_when_by_what_and_for_what_it_was_made():
    record = CaseRecord("A")
    assert datetime.datetime.fromisoformat(record.created).utcoffset() is not None
    assert {"FluoroPrint", "slicer-core", "VTK", "numpy", "Python", "platform"} <= set(record.software)
    assert record.intended_use == INTENDED_USE


def test_the_geometrys_summary_holds_what_is_known(sweep):
    assert geometry_summary(sweep.geometry) == {
        "frames": 9,
        "rows": 20,
        "columns": 30,
        "arc_deg": 200.0,
        "sid_mm": 1200,
        "sod_mm": 785,
        "pixel_mm": [2.0, 2.0],
    }


def test_a_files_record_holds_its_name_without_folders_and_its_hash(tmp_path):
    (tmp_path / "a.stl").write_bytes(b"solid")
    found = file_record(tmp_path / "a.stl")
    assert (found.name, found.bytes, found.sha256) == ("a.stl", 5, hashlib.sha256(b"solid").hexdigest())
    with pytest.raises(FluoroPrintError, match=r"b\.stl could not be read"):
        file_record(tmp_path / "b.stl")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 1}', '{"schema": 1, "stages": [{"x": 1}], "files": []}', "\xff"]
)
def test_what_is_no_record_is_refused_in_one_sentence(tmp_path, text):
    path = tmp_path / "case.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(FluoroPrintError, match=r"case\.json .*: choose a case\.json\.$"):
        read_record(path)


def test_a_record_of_a_later_schema_asks_for_an_update(tmp_path, record):
    path = tmp_path / "case.json"
    path.write_text(record_to_json(record).replace('"schema": 1', '"schema": 2'))
    with pytest.raises(FluoroPrintError, match="schema 2, this version reads 1: update"):
        read_record(path)
