"""Stand-in for DICOMLib: loadables, and plugins that find and load them, as far as plugins use them."""

import hashlib

import slicer
from qt_side.listing import NotInStandIn

ITEM_TAGS = {"Modality": "0008,0060", "SeriesNumber": "0020,0011"}


class DICOMLoadable:
    """What a plugin offers to load; only these attributes reach the user."""

    __slots__ = (
        "confidence",
        "files",
        "name",
        "referencedInstanceUIDs",
        "referencedSeriesUID",
        "selected",
        "tooltip",
        "warning",
    )

    def __init__(self):
        self.files = []
        self.name = "Unknown"
        self.tooltip = "No further information available"
        self.warning = ""
        self.selected = False
        self.confidence = 0.5


class DICOMPlugin:
    """The base of plugins: tags to be read beforehand, a cache, and what is to be overridden."""

    def __init__(self):
        self.loadType = "Generic DICOM"
        self.loadableCache = {}
        self.tags = {
            "seriesDescription": "0008,103E",
            "seriesNumber": "0020,0011",
            "frameOfReferenceUID": "0020,0052",
        }

    def hashFiles(self, files):
        """Return a key for a list of files."""
        return hashlib.md5("".join(files).encode()).digest()

    def getCachedLoadables(self, files):
        """Return what was found in the files before, None where nothing was."""
        return self.loadableCache.get(self.hashFiles(files))

    def cacheLoadables(self, files, loadables):
        """Keep what was found in the files."""
        self.loadableCache[self.hashFiles(files)] = loadables

    def examineForImport(self, fileLists):
        """To be overridden: return what can be loaded of lists of files."""
        raise NotInStandIn("DICOMPlugin.examineForImport must be overridden")

    def load(self, loadable):
        """To be overridden: load it; return the node."""
        raise NotInStandIn("DICOMPlugin.load must be overridden")

    def examineForExport(self, subjectHierarchyItemID):
        """Offer nothing to export."""
        return []

    def defaultSeriesNodeName(self, seriesUID):
        """Slicer reads it in its database, which is not here."""
        raise NotInStandIn("DICOMPlugin.defaultSeriesNodeName asks the database for the series' files")

    def addSeriesInSubjectHierarchy(self, loadable, dataNode):
        """Put the node into its study and patient, by what its first file says."""
        constants = slicer.vtkMRMLSubjectHierarchyConstants
        hierarchy = slicer.vtkMRMLSubjectHierarchyNode.GetSubjectHierarchyNode(slicer.mrmlScene)
        item = hierarchy.CreateItem(hierarchy.GetSceneItemID(), dataNode)
        told = {tag: slicer.dicomDatabase.fileValue(loadable.files[0], tag) for tag in UIDS}
        patient, study, series = told.values()
        hierarchy.SetItemUID(item, constants.GetDICOMUIDName(), series)
        for name, tag in ITEM_TAGS.items():
            value = slicer.dicomDatabase.fileValue(loadable.files[0], tag)
            hierarchy.SetItemAttribute(item, f"DICOM.{name}", value)
        logic = slicer.vtkSlicerSubjectHierarchyModuleLogic
        logic.InsertDicomSeriesInHierarchy(hierarchy, patient or f"Patient-{study}", study, series)


UIDS = ("0010,0020", "0020,000D", "0020,000E")


class FileDatabase:
    """Stand-in for slicer.dicomDatabase: reads tags in the files themselves."""

    def fileValue(self, path, tag):
        """Return a tag's value as text, empty where the file has none or cannot be read."""
        import pydicom

        group, element = (int(part, 16) for part in tag.split(","))
        try:
            found = pydicom.dcmread(path, stop_before_pixels=True).get((group, element))
        except (OSError, ValueError, pydicom.errors.InvalidDicomError):
            return ""
        if found is None or found.value is None:
            return ""
        values = found.value if found.VM > 1 else [found.value]
        return "\\".join(str(value) for value in values)
