"""DICOM models: bytes, geometry and identity come back; what is not known is not said; a judge agrees."""

import shutil
import subprocess

import numpy as np
import pydicom
import pytest
from FluoroPrintLib.errors import FluoroPrintError
from FluoroPrintLib.files import encapsulated, export
from FluoroPrintLib.files.encapsulated import DicomModelParameters, new_series
from FluoroPrintLib.files.encapsulated_reading import is_encapsulated_model, read_document
from FluoroPrintLib.files.export import FORMATS, export_models, files_for, format_of
from FluoroPrintLib.files.info import describe_file
from FluoroPrintLib.files.mesh_formats import read_mesh, write_mesh
from FluoroPrintLib.files.plates import read_models
from FluoroPrintLib.files.study import new_study, study_from_provenance, study_of
from FluoroPrintLib.files.sweep import read_sweep
from FluoroPrintLib.files.viewing import cie_lab
from FluoroPrintLib.mesh.check import check_mesh
from FluoroPrintLib.mesh.named import NamedModel
from FluoroPrintLib.mesh.polydata import points_of
from FluoroPrintLib.shape.solids import engine, surface_of
from xa_files import changed, write_run

MIRRORED = "MIRRORED left-right: this model does not show the side that was imaged."
IDENTITY = {
    "PatientName": "Müller^Jörg",
    "PatientID": "P-12",
    "PatientBirthDate": "19700102",
    "PatientSex": "M",
}
needs_judge = pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools are not installed")


def ball(radius, at):
    return surface_of(engine().Manifold.sphere(radius, 48).translate(at))


@pytest.fixture
def models():
    return [
        NamedModel("Femur", (0.9, 0.8, 0.6), ball(20.0, (100, 50, -700))),
        NamedModel("Chip", (1.0, 0.0, 0.0), ball(5.0, (130, 50, -690))),
    ]


@pytest.fixture
def run(tmp_path):
    """A sweep of a patient whose name needs a character set."""

    def identify(dataset):
        dataset.SpecificCharacterSet = "ISO_IR 100"
        for word, value in {**IDENTITY, "StudyID": "7", "ImageLaterality": "L"}.items():
            setattr(dataset, word, value)
        dataset.FrameOfReferenceUID = "1.2.3"

    (tmp_path / "in").mkdir()
    return changed(write_run(tmp_path / "in" / "run.dcm"), identify)


def test_bytes_and_geometry_of_an_stl_come_back(tmp_path, models, run):
    (written,) = export_models(tmp_path / "femur.dcm", models[:1], new_series(study_of(run)))
    assert written[0] == tmp_path / "femur.dcm"
    write_mesh(tmp_path / "femur.stl", models[:1])
    dataset = pydicom.dcmread(tmp_path / "femur.dcm")
    document = dataset.EncapsulatedDocument[: dataset.EncapsulatedDocumentLength]
    assert document == (tmp_path / "femur.stl").read_bytes()
    assert dataset.SOPClassUID == pydicom.uid.EncapsulatedSTLStorage
    assert (dataset.Modality, dataset.MIMETypeOfEncapsulatedDocument) == ("M3D", "model/stl")
    assert dataset.MeasurementUnitsCodeSequence[0].CodeValue == "mm"
    np.testing.assert_array_equal(
        points_of(read_mesh(tmp_path / "femur.dcm")), points_of(read_mesh(tmp_path / "femur.stl"))
    )


def test_the_identity_is_that_of_the_study_in_any_character_set(tmp_path, models, run):
    export_models(tmp_path / "femur.dcm", models[:1], new_series(study_of(run)))
    dataset, source = pydicom.dcmread(tmp_path / "femur.dcm"), pydicom.dcmread(run)
    assert {word: str(dataset.get(word)) for word in IDENTITY} == IDENTITY
    assert dataset.StudyInstanceUID == source.StudyInstanceUID
    assert dataset.StudyID == "7"
    assert dataset.SeriesInstanceUID != source.SeriesInstanceUID
    assert dataset.ImageLaterality == "L"
    assert dataset.SourceInstanceSequence[0].ReferencedSOPInstanceUID == source.SOPInstanceUID
    # A sweep's own frame is not that of the model; that of slices is.
    assert dataset.FrameOfReferenceUID != "1.2.3"


def test_the_frame_of_reference_of_slices_is_taken_over(run):
    assert study_of(run).frame_of_reference_uid == ""
    changed(run, lambda dataset: setattr(dataset, "ImagePositionPatient", [0, 0, 0]))
    assert study_of(run).frame_of_reference_uid == "1.2.3"


def test_without_a_study_there_is_no_patient(tmp_path, models):
    export_models(tmp_path / "femur.dcm", models[:1], new_series(new_study()))
    dataset = pydicom.dcmread(tmp_path / "femur.dcm")
    assert [str(dataset.get(word)) for word in IDENTITY] == ["", "", "", ""]
    assert "SourceInstanceSequence" not in dataset
    with pytest.raises(FluoroPrintError, match="belongs to a study"):
        export_models(tmp_path / "other.dcm", models[:1])


def test_provenance_of_a_sweep_names_its_study_and_no_patient(run):
    provenance = read_sweep(run).provenance
    study = study_from_provenance(provenance)
    assert study.study_uid == pydicom.dcmread(run).StudyInstanceUID
    assert not study.attributes
    with pytest.raises(FluoroPrintError, match="tells no study"):
        study_from_provenance({})


def test_flags_are_said_only_where_known(tmp_path, models):
    export_models(tmp_path / "plain.dcm", models[:1], new_series(new_study()))
    plain = pydicom.dcmread(tmp_path / "plain.dcm")
    for word in (
        "ModelMirroring",
        "ModelModification",
        "ModelUsageCodeSequence",
        "DerivationAlgorithmSequence",
    ):
        assert word not in plain
    assert plain.BurnedInAnnotation == "NO"
    mirrored = NamedModel("Femur", (1, 1, 1), models[0].surface, {"Mirrored": MIRRORED})
    told = DicomModelParameters(
        usage="planning", laterality="R", modified="no", derivation="by hand", bears_identity=True
    )
    export_models(tmp_path / "told.dcm", [mirrored], new_series(new_study(), told))
    dataset = pydicom.dcmread(tmp_path / "told.dcm")
    assert (dataset.ModelMirroring, dataset.ModelModification) == ("YES", "NO")
    assert (dataset.BurnedInAnnotation, dataset.ImageLaterality) == ("YES", "R")
    assert dataset.ModelUsageCodeSequence[0].CodeMeaning == "Planning Intent"
    assert dataset.DerivationAlgorithmSequence[0].AlgorithmName == "by hand"
    assert read_models(tmp_path / "told.dcm")[0].warnings["Mirrored"].startswith("MIRRORED")


def test_several_models_are_a_group_of_files_with_colours(tmp_path, models, run):
    written = export_models(tmp_path / "leg.dcm", models, new_series(study_of(run)))
    assert [path.name for path, _ in written] == ["leg-1.dcm", "leg-2.dcm"]
    first, second = (pydicom.dcmread(path) for path, _ in written)
    assert first.ModelGroupUID == second.ModelGroupUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.FrameOfReferenceUID == second.FrameOfReferenceUID
    assert (first.InstanceNumber, second.InstanceNumber) == (1, 2)
    assert list(second.RecommendedDisplayCIELabValue) == list(cie_lab((1.0, 0.0, 0.0)))


def test_cie_lab_of_known_colours():
    lab = np.array(cie_lab((1.0, 0.0, 0.0))) / 65535 * (100, 255, 255) - (0, 128, 128)
    assert lab == pytest.approx([54.29, 80.81, 69.89], abs=0.05)  # red of sRGB at D50
    assert np.array(cie_lab((1.0, 1.0, 1.0))) / 65535 == pytest.approx([1, 128 / 255, 128 / 255], abs=1e-3)


def test_an_obj_refers_to_its_colours(tmp_path, models, run):
    ((path, figures),) = export_models(tmp_path / "both legs.obj.dcm", models, new_series(study_of(run)))
    model, library = pydicom.dcmread(path), pydicom.dcmread(tmp_path / "both legs.mtl.dcm")
    assert (model.SOPClassUID, library.SOPClassUID) == (
        pydicom.uid.EncapsulatedOBJStorage,
        pydicom.uid.EncapsulatedMTLStorage,
    )
    reference = model.ReferencedInstanceSequence[0]
    assert reference.ReferencedSOPInstanceUID == library.SOPInstanceUID
    uri = reference.RelativeURIReferenceWithinEncapsulatedDocument
    text = read_document(path).document.decode()
    assert f"\nmtllib {uri}\n" in text
    assert "g Femur\nusemtl material_1\n" in text
    assert "g Chip\nusemtl material_2\n" in text
    colours = read_document(tmp_path / "both legs.mtl.dcm").document.decode()
    assert "newmtl material_2\n# Chip\nKd 1 0 0\n" in colours
    assert "FrameOfReferenceUID" not in library
    assert check_mesh(read_mesh(path)).volume_mm3 == pytest.approx(figures.volume_mm3, rel=1e-6)
    with pytest.raises(FluoroPrintError, match="colours of a model alone"):
        read_mesh(tmp_path / "both legs.mtl.dcm")


@needs_judge
@pytest.mark.parametrize("has_study", [True, False])
def test_dciodvfy_finds_no_fault(tmp_path, models, run, has_study):
    told = DicomModelParameters(usage="education", modified="no", mirrored="no", derivation="flying edges")
    series = new_series(study_of(run) if has_study else new_study(), told)
    export_models(tmp_path / "femur.dcm", models[:1], series)
    done = subprocess.run(
        ["dciodvfy", "-new", tmp_path / "femur.dcm"], capture_output=True, text=True, timeout=60, check=False
    )
    said = done.stdout + done.stderr
    assert "EncapsulatedSTL" in said
    assert "Error" not in said, said


@needs_judge
def test_dciodvfy_would_tell_of_a_fault(tmp_path, models):
    export_models(tmp_path / "femur.dcm", models[:1], new_series(new_study()))
    changed(tmp_path / "femur.dcm", lambda dataset: delattr(dataset, "MeasurementUnitsCodeSequence"))
    done = subprocess.run(["dciodvfy", tmp_path / "femur.dcm"], capture_output=True, text=True, check=False)
    assert "Error" in done.stdout + done.stderr


def test_units_of_other_programs_are_followed(tmp_path, models):
    export_models(tmp_path / "femur.dcm", models[:1], new_series(new_study()))

    def in_centimetres(dataset):
        dataset.MeasurementUnitsCodeSequence[0].CodeValue = "cm"

    before = points_of(read_mesh(tmp_path / "femur.dcm"))
    changed(tmp_path / "femur.dcm", in_centimetres)
    assert points_of(read_mesh(tmp_path / "femur.dcm")) == pytest.approx(10 * before, rel=1e-6)
    changed(
        tmp_path / "femur.dcm",
        lambda dataset: setattr(dataset.MeasurementUnitsCodeSequence[0], "CodeValue", "[in_i]"),
    )
    with pytest.raises(FluoroPrintError, match="does not tell the units"):
        read_mesh(tmp_path / "femur.dcm")


def test_info_tells_of_the_model_and_nothing_of_the_patient(tmp_path, models, run):
    told = DicomModelParameters(usage="planning")
    export_models(tmp_path / "leg.obj.dcm", models, new_series(study_of(run), told))
    facts = describe_file(tmp_path / "leg.obj.dcm")
    known = dict(facts)
    assert known["kind"] == "DICOM Encapsulated OBJ"
    assert known["title"] == "Femur, Chip"
    assert (known["side"], known["usage"], known["watertight"]) == ("L", "Planning Intent", "yes")
    assert "Müller" not in str(facts)
    assert dict(describe_file(tmp_path / "leg.mtl.dcm"))["kind"] == "DICOM Encapsulated MTL"
    assert not is_encapsulated_model(run)


def test_damage_is_one_sentence_and_a_failure_leaves_nothing(tmp_path, models, run, monkeypatch):
    export_models(tmp_path / "femur.dcm", models[:1], new_series(new_study()))
    data = (tmp_path / "femur.dcm").read_bytes()
    (tmp_path / "femur.dcm").write_bytes(data[: len(data) // 2])
    with pytest.raises(FluoroPrintError, match=r"cut short|damaged"):
        read_mesh(tmp_path / "femur.dcm")
    with pytest.raises(FluoroPrintError, match="encapsulates no model"):
        read_mesh(run)
    real = export.dataset_of

    def shorter(kind, document, *more):
        return real(kind, document[:-50] if kind == encapsulated.STL_CLASS else document[:-9], *more)

    monkeypatch.setattr(export, "dataset_of", shorter)
    for name in ("new.dcm", "new.obj.dcm"):
        with pytest.raises(FluoroPrintError):
            export_models(tmp_path / name, models[:1], new_series(new_study()))
    assert not list(tmp_path.glob("*new*"))
    assert not list(tmp_path.glob(".*"))


def test_a_study_that_is_none_is_refused(tmp_path, run):
    (tmp_path / "words.txt").write_text("no DICOM")
    with pytest.raises(FluoroPrintError, match="not a DICOM file"):
        study_of(tmp_path / "words.txt")
    changed(run, lambda dataset: delattr(dataset, "StudyInstanceUID"))
    with pytest.raises(FluoroPrintError, match="names no study"):
        study_of(run)


def test_the_table_of_formats_tells_which_files_come(tmp_path):
    assert format_of(tmp_path / "A.OBJ.DCM").title == "DICOM Encapsulated OBJ"
    assert format_of(tmp_path / "a.dcm").title == "DICOM Encapsulated STL"
    assert [path.name for path in files_for(tmp_path / "a.b.stl", 2)] == ["a.b-1.stl", "a.b-2.stl"]
    assert files_for(tmp_path / "a.3mf", 2) == [tmp_path / "a.3mf"]
    with pytest.raises(FluoroPrintError, match="use one of"):
        format_of(tmp_path / "a.xyz")
    assert len({known.suffix for known in FORMATS}) == len(FORMATS)


def test_warnings_in_headers_come_back_with_the_model(tmp_path, models):
    warned = [
        NamedModel(
            "Femur",
            (1, 1, 1),
            models[0].surface,
            {"Mirrored": MIRRORED, "Scaled": "Scaled to 105.5 % of the patient's size."},
        )
    ]
    for suffix in (".stl", ".obj", ".ply", ".3mf"):
        write_mesh(tmp_path / f"a{suffix}", warned)
        found = read_models(tmp_path / f"a{suffix}")[0].warnings
        assert found["Mirrored"].startswith("MIRRORED left-right: this model does not show the s")
        if suffix != ".stl":
            assert found == warned[0].warnings
    write_mesh(tmp_path / "b.stl", models[:1])
    assert not read_models(tmp_path / "b.stl")[0].warnings
