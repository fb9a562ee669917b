"""What labels mean: terms, sides, teeth, and names that are not known."""

import json
from pathlib import Path

import pytest
from FluoroPrintLib.learned import terminology
from FluoroPrintLib.learned.terminology import segment_of_label

GENERAL = "Segmentation category and type - 3D Slicer General Anatomy list"
MASTER = "Segmentation category and type - DICOM master list"
STRUCTURE = "SCT^123037004^Anatomical Structure"
REGION = "~Anatomic codes - DICOM master list~^^~^^"


@pytest.mark.parametrize(
    ("label", "name", "entry"),
    [
        ("vertebrae_L5", "L5 vertebra", f"{MASTER}~{STRUCTURE}~SCT^49668003^L5 vertebra~^^"),
        ("C1", "C1 vertebra", f"{MASTER}~{STRUCTURE}~SCT^14806007^C1 vertebra~^^"),
        ("sacrum", "Sacrum", f"{MASTER}~{STRUCTURE}~SCT^54735007^Sacrum~^^"),
        ("hip_left", "Left hip", f"{MASTER}~{STRUCTURE}~SCT^29836001^Hip~SCT^7771000^Left"),
        ("Right Femur", "Right femur", f"{MASTER}~{STRUCTURE}~SCT^71341001^Femur~SCT^24028007^Right"),
        (
            "rib_right_12",
            "Right twelfth rib",
            f"{MASTER}~{STRUCTURE}~SCT^43993008^Twelfth rib~SCT^24028007^Right",
        ),
        ("clavicula-l", "Left clavicle", f"{GENERAL}~{STRUCTURE}~SCT^51299004^Clavicle~SCT^7771000^Left"),
        ("Maxilla & Upper Skull", "Skull", f"{GENERAL}~{STRUCTURE}~SCT^89546000^Skull~^^"),
        ("Mandible", "Mandible", f"{GENERAL}~{STRUCTURE}~SCT^91609006^Mandible~^^"),
        ("Upper Teeth", "Upper teeth", f"{GENERAL}~{STRUCTURE}~SCT^38199008^Tooth~^^"),
        (
            "upper_right_first_molar_fdi16",
            "Tooth 16",
            f"{GENERAL}~{STRUCTURE}~SCT^38199008^Tooth~SCT^24028007^Right",
        ),
        ("hip_implant", "Implant", f"{MASTER}~SCT^260787004^Physical object~SCT^40388003^Implant~^^"),
    ],
)
def test_a_known_label_gets_its_term(label, name, entry):
    segment = segment_of_label(3, label)
    assert (segment.name, segment.label, segment.terminology) == (name, 3, entry + REGION)


@pytest.mark.parametrize(
    "label", ["Mandibular canal", "mystery", "upper_right_canine_pulp_fdi113", "left", "左"]
)
def test_an_unknown_label_keeps_its_name_as_tissue(label):
    segment = segment_of_label(2, label)
    assert segment.name == label
    assert segment.terminology == f"{GENERAL}~SCT^85756007^Tissue~SCT^85756007^Tissue~^^{REGION}"


def test_both_sides_of_a_pair_are_told_apart():
    left, right = segment_of_label(1, "femur_left"), segment_of_label(2, "femur_right")
    assert left.colour != right.colour
    assert all(0.0 <= value <= 1.0 for value in (*left.colour, *right.colour))


def test_the_table_is_whole():
    data = json.loads((Path(terminology.__file__).parent / terminology.TERMS).read_text())
    names = [name for term in data["terms"] for name in term["names"]]
    assert len(set(names)) == len(names)
    assert {f"vertebrae {level}" for level in ("c1", "c7", "t1", "t12", "l1", "l5")} <= set(names)
    for term in data["terms"]:
        assert term["code"].isdigit()
        assert term["list"] in data["lists"]
        assert term["category"] in data["categories"]
        assert all(0 <= value <= 255 for value in term["colour"])
        assert all(name == " ".join(name.lower().split()) for name in term["names"])
