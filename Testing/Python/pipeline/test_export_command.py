"""`export` writes what the suffix asks for; DICOM takes a study's identity only where it is given."""

import pydicom
import pytest
from command_line import fluoroprint, refused
from FluoroPrintLib.files.export import FORMATS
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.plates import read_models
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.report.case import CaseRecord, write_record
from FluoroPrintLib.shape.solids import engine, surface_of


@pytest.fixture
def cube(tmp_path):
    path = tmp_path / "bone.3mf"
    write_mesh(path, [NamedModel("Bone", (1, 0, 0), surface_of(engine().Manifold.cube((20,) * 3)))])
    return path


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.suffix)
def test_every_format_of_the_table_is_written_and_read_back(cube, tmp_path, known):
    (tmp_path / "out").mkdir()
    out = tmp_path / "out" / f"bone{known.suffix}"
    done = fluoroprint("export", cube, "--out", out)
    assert (done.code, done.err) == (0, "")
    assert f"Wrote {out} ({known.title}: 8.00 ml, 12 triangles)" in done.out
    (model,) = read_models(out)
    assert sorted(points_of(model.surface).max(0) - points_of(model.surface).min(0)) == [20, 20, 20]


def test_the_study_gives_the_identity(cube, tmp_path, sweep):
    words = ("--study", sweep, "--usage", "planning", "--laterality", "R")
    assert fluoroprint("export", cube, *words, "--out", tmp_path / "a.dcm").code == 0
    made, study = pydicom.dcmread(tmp_path / "a.dcm"), pydicom.dcmread(sweep)
    assert made.StudyInstanceUID == study.StudyInstanceUID
    assert (made.ImageLaterality, made.ModelUsageCodeSequence[0].CodeValue) == ("R", "129013")
    assert points_of(read_mesh(tmp_path / "a.dcm")).max() <= 20.001


def test_the_record_of_a_case_gives_its_study_without_the_patient(cube, tmp_path, sweep):
    record = tmp_path / "case.json"
    write_record(CaseRecord("Case", input=read_sweep(sweep).provenance), record)
    assert fluoroprint("export", cube, "--study", record, "--out", tmp_path / "a.dcm").code == 0
    made, study = pydicom.dcmread(tmp_path / "a.dcm"), pydicom.dcmread(sweep)
    assert made.StudyInstanceUID == study.StudyInstanceUID
    assert (str(made.PatientName), made.PatientID) == ("", "")


def test_a_record_that_names_no_study_is_told(cube, tmp_path):
    record = tmp_path / "case.json"
    write_record(CaseRecord("Case"), record)
    said = refused(tmp_path, "export", cube, "--study", record, "--out", tmp_path / "a.dcm")
    assert "tells no study" in said
    assert "case.json" in said


def test_an_unknown_format_is_refused(cube, tmp_path):
    assert "use one of" in refused(tmp_path, "export", cube, "--out", tmp_path / "a.xyz")
