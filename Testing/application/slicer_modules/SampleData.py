"""Stand-in for SampleData: keeps the registered sources, and calls a source's own downloader."""

from dataclasses import dataclass, field
from typing import Any

import slicer
from qt_side.listing import NotInStandIn


@dataclass
class SampleDataSource:
    """What a module registers; lists as Slicer makes them."""

    sampleName: str
    uris: Any
    fileNames: Any = None
    nodeNames: Any = None
    customDownloader: Any = None
    thumbnailFileName: str | None = None
    loadFileTypes: Any = None
    loadFiles: Any = None
    loadFileProperties: dict = field(default_factory=dict)
    checksums: Any = None

    def __post_init__(self):
        if isinstance(self.uris, str):
            self.uris, self.fileNames, self.nodeNames = [self.uris], [self.fileNames], [self.nodeNames]
        if not isinstance(self.uris, list | tuple):
            raise TypeError(f"{self.sampleName}: uris is a str or a list, not {self.uris!r}")
        if not len(self.uris) == len(self.fileNames) == len(self.nodeNames):
            raise ValueError(f"{self.sampleName}: as many file names and node names as uris")


class SampleDataLogic:
    """Registers sources and gets them."""

    @staticmethod
    def registerCustomSampleDataSource(category="Custom", sampleName=None, uris=None, **described):
        """Keep a source in slicer.modules.sampleDataSources."""
        if not hasattr(slicer.modules, "sampleDataSources"):
            slicer.modules.sampleDataSources = {}
        source = SampleDataSource(sampleName, uris, **described)
        sources = slicer.modules.sampleDataSources.setdefault(category, [])
        if source not in sources:
            sources.append(source)

    @staticmethod
    def sampleDataSourcesByCategory(category):
        """Return the sources of a category."""
        return getattr(slicer.modules, "sampleDataSources", {}).get(category, [])

    def downloadFromSource(self, source):
        """Call the source's own downloader; there is no network here."""
        if source.customDownloader is None:
            raise NotInStandIn(f"{source.sampleName} is downloaded from {source.uris}")
        return source.customDownloader(source)
