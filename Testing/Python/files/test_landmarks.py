"""Named landmarks from Slicer's files and from text: one frame, one way of naming."""

from __future__ import annotations

import json

import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.landmarks import read_landmarks

EXPECTED = {"asis-left": (-120.0, 30.0, 5.0), "asis-right": (121.0, 29.0, 4.0)}
FCSV = """# Markups fiducial file version = 4.11
# CoordinateSystem = {frame}
# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID
1,{a},0,0,0,1,1,1,0,ASIS left,,
2,{b},0,0,0,1,1,1,0,asis_right,"a, b",
"""


def markups(frame, sign):
    def point(label, x, y, z, status="defined"):
        place = [sign * x, sign * y, z]
        return {"label": label, "position": place, "positionStatus": status}

    points = [
        point("ASIS-left", -120, 30, 5),
        point("ASIS right", 121, 29, 4),
        point("F", 0, 0, 0, "undefined"),
    ]
    return json.dumps({"markups": [{"type": "Fiducial", "coordinateSystem": frame, "controlPoints": points}]})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.mrk.json", markups("LPS", -1)),
        ("a.mrk.json", markups("RAS", 1)),
        ("a.fcsv", FCSV.format(frame="LPS", a="120,-30,5", b="-121,-29,4")),
        ("a.fcsv", FCSV.format(frame="0", a="-120,30,5", b="121,29,4")),
        ("a.txt", "# of a pelvis\n-120 30 5 asis left\n121, 29, 4, asis_right # once more\n\n"),
    ],
    ids=["markups LPS", "markups RAS", "fcsv LPS", "fcsv RAS", "text"],
)
def test_landmarks_are_read_in_ras_by_their_names(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_landmarks(tmp_path / name) == EXPECTED


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no landmarks"),
        ("1 2 3", "without a name"),
        ("1 2 x a", "holds no landmarks"),
        ("1 2 nan a", "holds no landmarks"),
        ("1 2 a", "holds no landmarks"),
        ('{"markups": 5}', "holds no landmarks"),
        ("1 2 3 a b\n4 5 6 a_b", "twice"),
    ],
)
def test_what_holds_no_landmarks_is_refused_in_a_sentence(tmp_path, text, said):
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(FluoroPrintError, match=said):
        read_landmarks(tmp_path / "a.txt")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FluoroPrintError, match="cannot be read as landmarks"):
        read_landmarks(tmp_path / "none.fcsv")
