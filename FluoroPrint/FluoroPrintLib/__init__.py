"""FluoroPrintLib: from a C-arm sweep to a printable bone model, without Qt.

Frames: patient RAS in millimetres inside the library; LPS only in files and SimpleITK.
For education, research and planning support. Not a cleared medical device.
"""
