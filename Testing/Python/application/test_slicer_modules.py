"""What the stand-in has of Slicer's own scripted modules: DICOM plugins and sample data."""

import pytest
import slicer
import stand_in

RUN = str(stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm")


@pytest.fixture
def logic(application):
    from SampleData import SampleDataLogic

    return SampleDataLogic()


def test_the_database_reads_tags_in_files(application):
    assert slicer.dicomDatabase.fileValue(RUN, "0008,0060") == "XA"
    assert slicer.dicomDatabase.fileValue(RUN, "7777,0001") == ""


def test_a_loaded_series_stands_under_its_study_and_patient(application, scene):
    from DICOMLib import DICOMLoadable, DICOMPlugin

    loadable = DICOMLoadable()
    loadable.files = [RUN]
    node = scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "Run")
    DICOMPlugin().addSeriesInSubjectHierarchy(loadable, node)
    hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(scene)
    item, levels = hierarchy.GetItemByDataNode(node), []
    while item != hierarchy.GetSceneItemID():
        item = hierarchy.GetItemParent(item)
        levels.append(hierarchy.GetItemLevel(item))
    assert levels[:2] == ["Study", "Patient"]


def test_a_loadable_has_only_what_slicer_reads(application):
    from DICOMLib import DICOMLoadable

    with pytest.raises(AttributeError):
        DICOMLoadable().toolTip = "Rotation"


def test_a_plugin_finds_again_what_it_found(application):
    from DICOMLib import DICOMPlugin

    plugin = DICOMPlugin()
    assert plugin.getCachedLoadables([RUN]) is None
    plugin.cacheLoadables([RUN], ["found"])
    assert plugin.getCachedLoadables([RUN]) == ["found"]


def test_a_sample_is_got_by_its_own_downloader(logic):
    logic.registerCustomSampleDataSource(
        "FluoroPrint",
        "Head",
        "",
        fileNames="head.dcm",
        nodeNames="Head",
        customDownloader=lambda s: [s.sampleName],
    )
    (source,) = logic.sampleDataSourcesByCategory("FluoroPrint")
    assert logic.downloadFromSource(source) == ["Head"]


def test_a_sample_from_the_network_is_refused(logic):
    logic.registerCustomSampleDataSource(
        "FluoroPrint", "Far", "https://x.org/a", fileNames="a", nodeNames="A"
    )
    with pytest.raises(stand_in.NotInStandIn, match="Far is downloaded"):
        logic.downloadFromSource(logic.sampleDataSourcesByCategory("FluoroPrint")[0])


def test_a_sample_is_described_by_what_slicer_takes(logic):
    with pytest.raises(TypeError):
        logic.registerCustomSampleDataSource("FluoroPrint", "Head", None)
    with pytest.raises(TypeError):
        logic.registerCustomSampleDataSource("FluoroPrint", "Head", "", thumbnail="head.png")
