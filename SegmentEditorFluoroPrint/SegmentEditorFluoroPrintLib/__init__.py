"""The effects. Slicer finds each class here, by the name of its file, once the package is imported."""

from .SegmentEditorFluoroBoneEffect import SegmentEditorFluoroBoneEffect
from .SegmentEditorFluoroContourEffect import SegmentEditorFluoroContourEffect
from .SegmentEditorFluoroMetalEffect import SegmentEditorFluoroMetalEffect
from .SegmentEditorFluoroReprojectionEffect import SegmentEditorFluoroReprojectionEffect
from .SegmentEditorFluoroVesselEffect import SegmentEditorFluoroVesselEffect

EFFECTS = (
    SegmentEditorFluoroBoneEffect,
    SegmentEditorFluoroContourEffect,
    SegmentEditorFluoroMetalEffect,
    SegmentEditorFluoroReprojectionEffect,
    SegmentEditorFluoroVesselEffect,
)
