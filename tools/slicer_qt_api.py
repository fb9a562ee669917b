"""Cut the listing of Slicer's and CTK's Qt classes to those that the stand-in of Testing/application knows.

    python tools/slicer_qt_api.py path/to/slicer-qt-api.json

The cut holds the classes named in slicer_qt_classes.txt and their bases, without their headers. What stays
out is unknown to the stand-in: add a name to the file and run this again.
"""

import json
import re
import sys
from pathlib import Path

NAMES = Path(__file__).with_name("slicer_qt_classes.txt")
TARGET = Path(__file__).resolve().parents[1] / "Testing" / "application" / "qt_side" / "slicer-qt-api.json"
# Read in Slicer's headers, and missing in the listing.
MORE = {
    "qSlicerAbstractCoreModule": [
        {"args": "", "name": "logic", "returns": "vtkMRMLAbstractLogic*"},
        {"args": "", "name": "mrmlScene", "returns": "vtkMRMLScene*"},
    ],
}
KINDS = ("base", "enums", "properties", "signals", "slots", "invokable")


def with_bases(listing, names):
    """Return names and the names of all their listed bases."""
    found = set()
    for name in names:
        while name in listing and name not in found:
            found.add(name)
            name = listing[name]["base"]
    return found


def cut(listing, names):
    """Return the listing of some classes and their bases, with what PythonQt decorators add to them."""
    entries = {
        n: {k: listing[n].get(k, {}) for k in KINDS} | {"statics": []}
        for n in sorted(with_bases(listing, names))
    }
    decorators = [entry for name, entry in listing.items() if name.endswith("PythonQtDecorators")]
    for method in (method for entry in decorators for method in entry["slots"]):
        _add_decorator(entries, method)
    for name, methods in MORE.items():
        entries[name]["invokable"].extend(methods)
    return entries


def _add_decorator(entries, method):
    """A decorator's slot is a method of its first argument's class; static_Class_name is a static one."""
    static = re.fullmatch(r"static_(\w+?)_(\w+)", method["name"])
    if static and static[1] in entries:
        entries[static[1]]["statics"].append(method | {"name": static[2]})
    of_class = re.match(r"(\w+)\s*\*\s*\w+\s*,?\s*(.*)", method["args"])
    if of_class and of_class[1] in entries and not static:
        entries[of_class[1]]["invokable"].append(method | {"args": of_class[2]})


def main(source):
    """Write the cut beside the stand-in; one class a line, so that changes can be read."""
    listing = json.loads(Path(source).read_text())
    names = NAMES.read_text().split()
    lines = [f"{json.dumps(n)}: {json.dumps(e, sort_keys=True)}" for n, e in cut(listing, names).items()]
    TARGET.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{TARGET}: {len(lines)} classes, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
