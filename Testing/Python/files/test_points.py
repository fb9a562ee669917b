"""Points of the user: Slicer's markups and plain text, brought to RAS."""

import json

import numpy as np
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.points import read_named_points, read_points
from FluoroPrintLib.mrml.scene import headless_scene


def test_text_is_ras_with_comments_and_commas(tmp_path):
    path = tmp_path / "seeds.txt"
    path.write_text("# two seeds\n1 2 3\n-4, 5.5, 6  # the other\n\n")
    np.testing.assert_array_equal(read_points(path), [[1, 2, 3], [-4, 5.5, 6]])


def test_what_follows_the_place_in_a_line_names_the_part(tmp_path):
    path = tmp_path / "seeds.csv"
    path.write_text("1,2,3,left ilium\n4 5 6  # alone\n7 8 9 L5\n")
    points, names = read_named_points(path)
    np.testing.assert_array_equal(points, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert names == ("left ilium", "", "L5")


def test_descriptions_of_markups_name_the_part_and_labels_do_not(tmp_path):
    with headless_scene() as headless:
        node = headless.scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
        for description in ("L5", "", "L5"):
            index = node.AddControlPoint(1.0, 2.0, 3.0)
            node.SetNthControlPointDescription(index, description)
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(str(tmp_path / "seeds.mrk.json"))
        assert node.GetStorageNode().WriteData(node)
    assert read_named_points(tmp_path / "seeds.mrk.json")[1] == ("L5", "", "L5")


def test_markups_that_slicer_wrote_come_back_in_ras(tmp_path):
    with headless_scene() as headless:
        node = headless.scene.AddNewNodeByClass("vtkMRMLMarkupsFiducialNode")
        node.AddControlPoint(1.0, -2.0, 3.0)
        node.AddControlPoint(7.0, 8.0, 9.0)
        node.UnsetNthControlPointPosition(1)
        node.AddDefaultStorageNode()
        node.GetStorageNode().SetFileName(str(tmp_path / "seeds.mrk.json"))
        assert node.GetStorageNode().WriteData(node)
    np.testing.assert_allclose(read_points(tmp_path / "seeds.mrk.json"), [[1.0, -2.0, 3.0]])


@pytest.mark.parametrize(
    "text",
    ["", "1 2\n", "1 2 x\n", "1 2 nan\n", "{}", '{"markups": 3}', json.dumps({"markups": []})],
)
def test_what_holds_no_points_is_told_in_a_sentence(tmp_path, text):
    path = tmp_path / "seeds.txt"
    path.write_text(text)
    with pytest.raises(FluoroPrintError, match=r"seeds\.txt .*give Slicer's \.mrk\.json"):
        read_points(path)


def test_a_missing_file_is_told_in_a_sentence(tmp_path):
    with pytest.raises(FluoroPrintError, match="cannot be read as points"):
        read_points(tmp_path / "none.txt")
