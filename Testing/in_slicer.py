"""FluoroPrint's tests inside Slicer, where FluoroPrint is installed or its modules' folders are given.

    Slicer --testing --python-script Testing/in_slicer.py [arguments for pytest]

First it is looked at what FluoroPrint shows in the application; that needs nothing more. Then pytest runs the
tests of the library. What tests the stand-in for Slicer's Qt side is skipped: here is the real one.
"""

import sys
from pathlib import Path

# Slicer runs a script's text; __file__ need not be its own.
TESTING = Path(sys.argv[0]).resolve().parent
# The others start processes of plain Python, in which Slicer's scene is missing.
FOLDERS = (
    "application",
    "catalog",
    "files",
    "geometry",
    "mesh",
    "mrml",
    "reconstruction",
    "registration",
    "report",
    "segmentation",
    "simulation",
)
MISSING = (
    "pytest is missing: run slicer.util.pip_install('pytest trimesh networkx lxml manifold3d') in Slicer's "
    "Python console, then start the tests again"
)
OPTIONS = ("-s", "-p", "no:faulthandler", "-o", "filterwarnings=default", "--rootdir", str(TESTING.parent))


def main(arguments):
    """Raise RuntimeError with what failed: Slicer ends with an error then."""
    sys.path[:0] = [str(TESTING / "application"), str(TESTING.parent / "tools")]
    import cmake_lists
    import started

    faults = started.faults_of_start([folder.name for folder in cmake_lists.module_folders()])
    if faults:
        raise RuntimeError("; ".join(faults))
    print("FluoroPrint shows all that it shall.")
    run_pytest(arguments or [str(TESTING / "Python" / folder) for folder in FOLDERS])


def run_pytest(arguments):
    """Run tests in this process."""
    try:
        import pytest
    except ImportError:
        raise RuntimeError(MISSING) from None
    status = pytest.main(["-c", str(TESTING.parent / "pyproject.toml"), *OPTIONS, *arguments])
    if status != 0:
        raise RuntimeError(f"pytest ended with {status!r}")


if __name__ == "__main__":
    main(sys.argv[1:])
