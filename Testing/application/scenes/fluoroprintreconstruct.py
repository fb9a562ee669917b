"""The panel with the shipped sweep loaded, checked and reconstructed."""

import stand_in


def populate(widget, scene):
    """Load the shipped sweep; show its check."""
    run = stand_in.REPOSITORY / "FluoroPrint" / "Resources" / "SampleData" / "head-small-xa.dcm"
    widget.ui.fileEdit.currentPath = str(run)
    stand_in.click(widget.ui.loadButton)
    stand_in.wait_until(lambda: not widget.work.busy)
    widget.ui.fileEdit.currentPath = "Runs/head-small-xa.dcm"
    stand_in.click(widget.ui.browseButton)
    widget.ui.frameSlider.value = 40
