"""The effects. Slicer finds each class here, by the name of its file, once the package is imported."""

from .SegmentEditorFluoroBoneEffect import SegmentEditorFluoroBoneEffect
from .SegmentEditorFluoroContourEffect import SegmentEditorFluoroContourEffect
from .SegmentEditorFluoroGrowEffect import SegmentEditorFluoroGrowEffect
from .SegmentEditorFluoroLearnedEffect import SegmentEditorFluoroLearnedEffect
from .SegmentEditorFluoroMetalEffect import SegmentEditorFluoroMetalEffect
from .SegmentEditorFluoroReprojectionEffect import SegmentEditorFluoroReprojectionEffect
from .SegmentEditorFluoroSplitEffect import SegmentEditorFluoroSplitEffect
from .SegmentEditorFluoroVesselEffect import SegmentEditorFluoroVesselEffect

EFFECTS = (
    SegmentEditorFluoroBoneEffect,
    SegmentEditorFluoroGrowEffect,
    SegmentEditorFluoroContourEffect,
    SegmentEditorFluoroSplitEffect,
    SegmentEditorFluoroMetalEffect,
    SegmentEditorFluoroReprojectionEffect,
    SegmentEditorFluoroVesselEffect,
    SegmentEditorFluoroLearnedEffect,
)
