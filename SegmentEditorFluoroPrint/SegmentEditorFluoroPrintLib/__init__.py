"""The effects. Slicer finds each class here, by the name of its file, once the package is imported."""

from .SegmentEditorFluoroBoneEffect import SegmentEditorFluoroBoneEffect
from .SegmentEditorFluoroReprojectionEffect import SegmentEditorFluoroReprojectionEffect

EFFECTS = (SegmentEditorFluoroBoneEffect, SegmentEditorFluoroReprojectionEffect)
