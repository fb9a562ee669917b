"""Enhanced XA runs give the frames and the matrices of the classic run that they tell the same of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from enhanced_files import SECONDARY_DEG, field_of_view, isocentre, item, write_enhanced
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.info import describe_file
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.sweep_parameters import SweepParameters
from FluoroPrintLib.geometry.poses import geometry_from_angles, with_turned_panel
from xa_files import AIR, COLUMNS, COUNT, PRIMARY_DEG, ROWS, disc_counts, disc_integrals, write_run

ROUNDING = 0.01
SINGLE = 1e-4  # distances and angles of enhanced files are single precision


def classic(tmp_path: Path, **options: Any) -> npt.NDArray[np.float64]:
    """Matrices of the classic file of the same geometry."""
    path = write_run(tmp_path / "classic.dcm", secondary_deg=SECONDARY_DEG, **options)
    return read_sweep(path).geometry.ras_to_pixel


def isocentre_of(sweep: Any) -> npt.NDArray[np.float64]:
    homogeneous = sweep.geometry.ras_to_pixel[:, :, 3]
    pixels: npt.NDArray[np.float64] = homogeneous[:, :2] / homogeneous[:, 2:]
    return pixels


def test_the_geometry_is_that_of_the_classic_run(tmp_path: Path) -> None:
    sweep = read_sweep(write_enhanced(tmp_path / "run.dcm"))
    np.testing.assert_allclose(sweep.geometry.ras_to_pixel, classic(tmp_path), rtol=1e-6, atol=SINGLE)
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)
    assert sweep.i0 == AIR
    assert sweep.warnings == ()
    assert sweep.provenance["reader"] == "Enhanced XA DICOM"
    assert sweep.provenance["angles"] == "each frame's own"


def test_distances_may_stand_in_every_frame(tmp_path: Path) -> None:
    geometry = item(DistanceSourceToIsocenter=785.0, DistanceSourceToDetector=1180.0)
    path = write_enhanced(
        tmp_path / "run.dcm",
        shared={"XRayGeometrySequence": None},
        own={"XRayGeometrySequence": [geometry] * COUNT},
    )
    np.testing.assert_allclose(
        read_sweep(path).geometry.ras_to_pixel, classic(tmp_path), rtol=1e-6, atol=SINGLE
    )


def test_distances_that_change_are_told(tmp_path: Path) -> None:
    geometry = [
        item(DistanceSourceToIsocenter=785.0, DistanceSourceToDetector=1100.0 + n) for n in range(COUNT)
    ]
    sweep = read_sweep(write_enhanced(tmp_path / "run.dcm", own={"XRayGeometrySequence": geometry}))
    assert sweep.geometry.sid_mm == pytest.approx(1100 + (COUNT - 1) / 2)
    assert any("DistanceSourceToDetector changes" in warning for warning in sweep.warnings)


def test_angles_about_the_isocentre_stand_in_for_those_about_the_patient(tmp_path: Path) -> None:
    angles = [isocentre(0.0, a, b) for a, b in zip(PRIMARY_DEG, SECONDARY_DEG, strict=True)]
    path = write_enhanced(
        tmp_path / "run.dcm",
        own={"PositionerPositionSequence": None, "IsocenterReferenceSystemSequence": angles},
    )
    sweep = read_sweep(path)
    np.testing.assert_allclose(sweep.geometry.ras_to_pixel, classic(tmp_path), rtol=1e-5, atol=1e-3)
    assert any("supine" in warning for warning in sweep.warnings)


def test_the_principal_point_is_counted_in_elements_of_the_panel(tmp_path: Path) -> None:
    """Elements of 1.3 mm, two to a pixel; the field begins at row 10, column 6 of the panel."""
    path = write_enhanced(
        tmp_path / "run.dcm",
        shared={
            "IsocenterReferenceSystemSequence": isocentre(),
            "FieldOfViewSequence": field_of_view(origin=(10.0, 6.0)),
        },
        top={
            "PositionOfIsocenterProjection": [49.5, 60.5],
            "DetectorElementSpacing": ["1.3", "1.3"],
        },
    )
    sweep = read_sweep(path)
    # The middle of an element pair (k, k + 1) is the middle of the pixel: (49.5 - 10 + 0.5) / 2 - 0.5.
    np.testing.assert_allclose(isocentre_of(sweep), [[27.0, 19.5]] * COUNT, atol=SINGLE)
    expected = geometry_from_angles(
        PRIMARY_DEG,
        SECONDARY_DEG,
        sid_mm=1180.0,
        sod_mm=785.0,
        pixel_mm=(2.6, 2.6),
        rows=ROWS,
        columns=COLUMNS,
        principal_point=(27.0, 19.5),
    )
    np.testing.assert_allclose(sweep.geometry.ras_to_pixel, expected.ras_to_pixel, rtol=1e-5, atol=1e-3)


def test_the_users_principal_point_stands_above_the_files(tmp_path: Path) -> None:
    path = write_enhanced(
        tmp_path / "run.dcm",
        shared={"IsocenterReferenceSystemSequence": isocentre(), "FieldOfViewSequence": field_of_view()},
        top={"PositionOfIsocenterProjection": [11.0, 12.0]},
    )
    np.testing.assert_allclose(isocentre_of(read_sweep(path)), [[12.0, 11.0]] * COUNT, atol=SINGLE)
    told = read_sweep(path, SweepParameters(principal_point=(3.0, 4.0)))
    np.testing.assert_allclose(isocentre_of(told), [[3.0, 4.0]] * COUNT, atol=SINGLE)


def test_frames_of_unknown_place_on_the_panel_are_taken_as_centred_with_a_warning(tmp_path: Path) -> None:
    path = write_enhanced(
        tmp_path / "run.dcm",
        shared={"IsocenterReferenceSystemSequence": isocentre()},
        top={"PositionOfIsocenterProjection": [500.0, 700.0]},
    )
    sweep = read_sweep(path)
    np.testing.assert_allclose(isocentre_of(sweep), [[23.5, 19.5]] * COUNT, atol=SINGLE)
    assert any("(0018,7030)" in warning for warning in sweep.warnings)


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("flip", ["NO", "YES"])
def test_frames_turned_and_mirrored_by_the_console_are_put_back(
    tmp_path: Path, rotation: int, flip: str
) -> None:
    """The console turns clockwise (against rot90), then mirrors."""
    stored = np.rot90(disc_counts(), -rotation // 90, axes=(1, 2))
    stored = stored[:, :, ::-1] if flip == "YES" else stored
    spacing = ["2.6", "2.4"] if rotation % 180 == 0 else ["2.4", "2.6"]
    path = write_enhanced(
        tmp_path / "run.dcm",
        np.ascontiguousarray(stored),
        shared={
            "IsocenterReferenceSystemSequence": isocentre(),
            "FieldOfViewSequence": field_of_view(rotation, flip),
            "FramePixelDataPropertiesSequence": item(
                ImagerPixelSpacing=spacing, PixelIntensityRelationship="LIN", PixelIntensityRelationshipSign=1
            ),
        },
        top={"PositionOfIsocenterProjection": [19.5, 23.5]},
    )
    sweep = read_sweep(path)
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)
    assert sweep.geometry.pixel_mm == (2.6, 2.4)
    np.testing.assert_allclose(
        sweep.geometry.ras_to_pixel, classic(tmp_path, pixel_mm=(2.6, 2.4)), rtol=1e-5, atol=1e-3
    )


def test_frames_that_nothing_ties_to_the_isocentre_stay_as_they_stand(tmp_path: Path) -> None:
    path = write_enhanced(tmp_path / "run.dcm", shared={"FieldOfViewSequence": field_of_view(180, "YES")})
    sweep = read_sweep(path)
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)
    assert any("--flip-columns" in warning for warning in sweep.warnings)


def test_a_turned_panel_sees_a_point_turned_the_other_way(tmp_path: Path) -> None:
    """At 0/0 a panel turned clockwise by 90 degrees has its columns to the feet: the head is at its left."""
    path = write_enhanced(
        tmp_path / "run.dcm",
        shared={
            "IsocenterReferenceSystemSequence": isocentre(90.0),
            "FieldOfViewSequence": field_of_view(),
        },
        top={"PositionOfIsocenterProjection": [19.5, 23.5]},
    )
    sweep = read_sweep(path, SweepParameters(secondary_deg=0.0))
    assert any("turned by 90°" in warning for warning in sweep.warnings)
    geometry = sweep.geometry
    upright = read_sweep(write_run(tmp_path / "classic.dcm"), SweepParameters(secondary_deg=0.0)).geometry
    head = geometry.ras_to_pixel @ [0.0, 0.0, 10.0, 1.0]
    pixel = head[:, :2] / head[:, 2:]
    scale = 1180 / 785 / 2.6
    np.testing.assert_allclose(pixel, [[23.5 - 10 * scale, 19.5]] * COUNT, atol=1e-3)
    expected = with_turned_panel(upright, np.full(COUNT, 90.0))
    np.testing.assert_allclose(geometry.ras_to_pixel, expected.ras_to_pixel, rtol=1e-5, atol=1e-3)


def test_logarithmic_values_come_back_by_the_table_to_linear(tmp_path: Path) -> None:
    stored = np.round(4095 * np.log(np.maximum(disc_counts(), 1)) / np.log(4095)).astype(np.uint16)
    table = np.round(np.exp(np.arange(4096) / 4095 * np.log(4095)) * 10).astype("<u2")
    lut = item(LUTFunction="TO_LINEAR")
    lut.add_new("LUTDescriptor", "US", [4096, 0, 16])
    lut.add_new("LUTData", "OW", table.tobytes())
    path = write_enhanced(
        tmp_path / "run.dcm",
        stored,
        shared={
            "FramePixelDataPropertiesSequence": item(
                ImagerPixelSpacing=["2.6", "2.6"], PixelIntensityRelationship="LOG"
            ),
            "PixelIntensityRelationshipLUTSequence": lut,
        },
    )
    sweep = read_sweep(path)
    np.testing.assert_allclose(sweep.frames, disc_integrals(), atol=ROUNDING)
    assert sweep.i0 == pytest.approx(10 * AIR, rel=1e-3)


def test_dark_air_is_told_by_the_sign_of_the_frame(tmp_path: Path) -> None:
    path = write_enhanced(
        tmp_path / "run.dcm",
        4095 - disc_counts(),
        shared={
            "FramePixelDataPropertiesSequence": item(
                ImagerPixelSpacing=["2.6", "2.6"],
                PixelIntensityRelationship="LIN",
                PixelIntensityRelationshipSign=-1,
            )
        },
    )
    np.testing.assert_allclose(read_sweep(path).frames, disc_integrals(), atol=ROUNDING)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"shared": {"XRayGeometrySequence": None}}, "(0018,1110)"),
        ({"own": {"PositionerPositionSequence": None}}, "(0018,1510)"),
        (
            {
                "shared": {
                    "PositionerPositionSequence": item(
                        PositionerPrimaryAngle="5", PositionerSecondaryAngle="0"
                    )
                },
                "own": {"PositionerPositionSequence": None},
            },
            "(0018,1520) is missing",
        ),
        ({"top": {"XRayReceptorType": "IMG_INTENSIFIER"}}, "image intensifier"),
    ],
)
def test_what_an_enhanced_run_lacks_is_told(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(FluoroPrintError) as caught:
        read_sweep(write_enhanced(tmp_path / "run.dcm", **options))
    assert words in str(caught.value)


def test_info_tells_the_geometry_of_an_enhanced_run(tmp_path: Path) -> None:
    facts = dict(describe_file(write_enhanced(tmp_path / "run.dcm")))
    assert facts["kind"] == "Enhanced XA DICOM"
    assert facts["source to isocentre"] == "785 mm"
    assert facts["arc"].startswith("198.0°")
