"""The effects. Slicer finds each class here, by the name of its file, once the package is imported."""

from .SegmentEditorFluoroBoneEffect import SegmentEditorFluoroBoneEffect
from .SegmentEditorFluoroMetalEffect import SegmentEditorFluoroMetalEffect
from .SegmentEditorFluoroReprojectionEffect import SegmentEditorFluoroReprojectionEffect
from .SegmentEditorFluoroVesselEffect import SegmentEditorFluoroVesselEffect

EFFECTS = (
    SegmentEditorFluoroBoneEffect,
    SegmentEditorFluoroMetalEffect,
    SegmentEditorFluoroReprojectionEffect,
    SegmentEditorFluoroVesselEffect,
)
