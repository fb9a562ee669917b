"""Whatever is damaged in the functional groups of an enhanced file, it is read or refused in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from enhanced_files import field_of_view, isocentre, write_enhanced, write_xray_3d
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files.dicom_quiet import quiet_pydicom
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.volumes import read_volume
from pydicom.dataset import Dataset

GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
NUMBERS = ("FL", "DS", "IS", "SS")


def attributes(dataset: Dataset, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to the functional groups' attributes: of the shared ones, and of the first frame."""
    for element in dataset:
        here = (*path, element.keyword)
        if path or element.keyword in GROUPS:
            yield here
            if element.VR == "SQ" and element.value:
                yield from attributes(element.value[0], (*here, 0))


def holder(dataset: Dataset, path: tuple[Any, ...]) -> Dataset:
    for step in path[:-1]:
        dataset = dataset[step].value if isinstance(step, str) else dataset[step]
    return dataset


def gone(owner: Dataset, keyword: str) -> None:
    delattr(owner, keyword)


def empty(owner: Dataset, keyword: str) -> None:
    owner[keyword].value = [] if owner[keyword].VR == "SQ" else None


def odd(owner: Dataset, keyword: str) -> None:
    """Too many numbers, a word that is not known, a sequence cut short."""
    element = owner[keyword]
    if element.VR == "SQ":
        element.value = element.value[:-1]
    else:
        element.value = [0, -1, 7] if element.VR in NUMBERS else "ODD"


def is_read_or_refused(path: Path, read: Callable[[Path], Any]) -> bool:
    try:
        read(path)
    except FluoroPrintError as error:
        return path.name in str(error) and "\n" not in str(error)
    return True


def damaged(source: Path, target: Path, damage: Callable[[Dataset, str], None]) -> Iterator[tuple[Any, ...]]:
    for where in list(attributes(pydicom.dcmread(source))):
        dataset = pydicom.dcmread(source)
        with quiet_pydicom():
            damage(holder(dataset, where), where[-1])
            dataset.save_as(target)
        yield where


@pytest.mark.parametrize("damage", [gone, empty, odd])
def test_a_damaged_enhanced_run_is_read_or_refused(
    tmp_path: Path, damage: Callable[[Dataset, str], None]
) -> None:
    whole = write_enhanced(
        tmp_path / "whole.dcm",
        shared={
            "IsocenterReferenceSystemSequence": isocentre(5.0),
            "FieldOfViewSequence": field_of_view(90, "YES", (3.0, 4.0)),
        },
        top={"PositionOfIsocenterProjection": [19.5, 23.5], "DetectorElementSpacing": ["1.3", "1.3"]},
    )
    cases = damaged(whole, tmp_path / "damaged.dcm", damage)
    wrong = [where for where in cases if not is_read_or_refused(tmp_path / "damaged.dcm", read_sweep)]
    assert wrong == []


@pytest.mark.parametrize("damage", [gone, empty, odd])
def test_a_damaged_x_ray_volume_is_read_or_refused(
    tmp_path: Path, damage: Callable[[Dataset, str], None]
) -> None:
    values = np.arange(60, dtype=np.uint16).reshape(3, 4, 5)
    whole = write_xray_3d(tmp_path / "whole.dcm", values, np.arange(3)[:, None] * [0.0, 0.0, 1.0])
    cases = damaged(whole, tmp_path / "damaged.dcm", damage)
    wrong = [where for where in cases if not is_read_or_refused(tmp_path / "damaged.dcm", read_volume)]
    assert wrong == []
