"""The layer table of docs/architecture.md, held by reading every import of the library.

The checker itself is tested on snippets that break each rule, so that a silent checker is noticed.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
LIBRARY = REPOSITORY / "FluoroPrint" / "FluoroPrintLib"

VOCABULARY, GEOMETRY, ALGORITHMS, FILES, MRML, TOP, APPLICATION = range(7)
LAYER_OF_FOLDER = {
    "": VOCABULARY,
    "geometry": GEOMETRY,
    "reconstruction": ALGORITHMS,
    "segmentation": ALGORITHMS,
    "learned": ALGORITHMS,
    "mesh": ALGORITHMS,
    "printing": ALGORITHMS,
    "shape": ALGORITHMS,
    "planning": ALGORITHMS,
    "registration": ALGORITHMS,
    "simulation": ALGORITHMS,
    "catalog": FILES,
    "files": FILES,
    "mrml": MRML,
    "report": TOP,
    "pipeline": TOP,
    "slicer_app": APPLICATION,
}
EDITOR = {"SegmentEditorEffects", "qSlicerSegmentationsEditorEffectsPythonQt"}
IN_EVERY_SLICER = {"numpy", "scipy", "vtk", "vtkmodules", "SimpleITK"}
PACKAGES_OF_LAYER = {
    VOCABULARY: {"numpy"},
    GEOMETRY: {"numpy", "scipy"},
    ALGORITHMS: IN_EVERY_SLICER | {"numba", "manifold3d"},
    FILES: IN_EVERY_SLICER | {"pydicom", "highdicom", "lib3mf", "pylibjpeg"},
    MRML: IN_EVERY_SLICER | {"slicer"},
    TOP: IN_EVERY_SLICER | {"slicer", "pydicom", "rich"},
    APPLICATION: IN_EVERY_SLICER | {"slicer", "pydicom", "qt", "ctk", "SampleData", *EDITOR},
}
# Not in every Slicer, so nothing may need them in order to be imported.
OPTIONAL = {"numba", "manifold3d", "highdicom", "lib3mf", "pylibjpeg", "rich"}
NETWORK = {
    *("aiohttp", "ftplib", "http", "httpx", "imaplib", "poplib", "requests", "smtplib", "socket"),
    *("socketserver", "ssl", "telnetlib", "urllib.request", "urllib3", "webbrowser", "websocket", "xmlrpc"),
}
RENDERING = ("vtkmodules.vtkRendering", "vtkmodules.all")
SCENE_ARRAYS = {"arrayFromVolume", "updateVolumeFromArray", "NodeModify"}


def layer_of(file: str) -> int:
    """Layer of a file given by its path in the library."""
    folder, _, _ = file.rpartition("/")
    if file == "__main__.py":
        return TOP
    return LAYER_OF_FOLDER[folder.partition("/")[0]]


def imports_of(node: ast.AST, file: str) -> Iterator[str]:
    """Full names that an import statement may reach; the library's own begin with a dot."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            package = file.split("/")[: -node.level]
            base = "." + ".".join([*package, *([base] if base else [])])
        yield from (f"{base}.{alias.name}".replace("..", ".") for alias in node.names)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
        yield from (argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant))


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when a file is imported: everything outside functions and TYPE_CHECKING."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        yield node
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if not is_function and not _is_type_checking(node):
            waiting.extend(ast.iter_child_nodes(node))


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def is_statement_of_a_library(node: ast.stmt, file: str) -> bool:
    """Say whether a module-level statement only defines or imports something."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.If):
        is_main = file == "__main__.py" and ast.unparse(node.test) == "__name__ == '__main__'"
        return is_main or _is_type_checking(node)
    definitions = ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Assign | ast.AnnAssign
    return isinstance(node, definitions)


def is_within(name: str, packages: set[str]) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def faults_of_name(name: str, file: str) -> Iterator[str]:
    """Faults of one imported name, wherever in the file it stands."""
    top = name.partition(".")[0]
    if is_within(name, NETWORK):
        yield f"imports {name}: the library talks to no network"
    elif name.startswith(RENDERING):
        yield f"imports {name}: no render window, see docs/adr/0001"
    elif name.startswith(".") or top == "FluoroPrintLib":
        target = name.removeprefix("FluoroPrintLib").removeprefix(".").split(".")
        folder = target[0] if target[0] in LAYER_OF_FOLDER else ""
        if LAYER_OF_FOLDER[folder] > layer_of(file):
            yield f"imports {name}: upwards"
        if top == "FluoroPrintLib":
            yield f"imports {name}: relative imports inside the library"
    elif top not in sys.stdlib_module_names and top not in PACKAGES_OF_LAYER[layer_of(file)]:
        yield f"imports {name}: not allowed in this layer"


def faults_at_import(tree: ast.Module, file: str) -> Iterator[str]:
    """Faults of what runs at import."""
    for statement in tree.body:
        if not is_statement_of_a_library(statement, file):
            yield f"line {statement.lineno} runs at import: {ast.unparse(statement)[:60]}"
    for node in at_import(tree):
        for name in imports_of(node, file):
            top, stem = name.partition(".")[0], Path(file).stem
            if top in OPTIONAL and not stem.endswith(f"_{top}"):
                yield f"imports {top} at import: import it in the function that needs it"
            # Files named after the same package need it alike.
            others = tuple(f"_{o}" for o in OPTIONAL if not stem.endswith(f"_{o}"))
            if any(f".{part}".endswith(others) for part in name.split(".")):
                yield f"imports {name} at import: that file needs an optional package"


def faults_of_slicer(tree: ast.Module, file: str) -> Iterator[str]:
    """Faults of the use of `slicer`: the scene is passed in, the application is not there."""
    if layer_of(file) == APPLICATION:
        return
    for node in ast.walk(tree):
        name = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        names = [name] if name.startswith("slicer.") else []
        names += [full for full in imports_of(node, file) if full.startswith("slicer.")]
        for full in names:
            part = full.split(".")[1:]
            if not part[0].startswith("vtk") and not (part[0] == "util" and {*part[1:]} <= SCENE_ARRAYS):
                yield f"uses {full}: the library knows the scene, not the application"


def faults_in(source: str, file: str) -> list[str]:
    """All faults of a file of the library, each a sentence that begins with its path."""
    tree = ast.parse(source)
    names = sorted({name for node in ast.walk(tree) for name in imports_of(node, file)})
    faults = [fault for name in names for fault in faults_of_name(name, file)]
    faults += [*faults_at_import(tree, file), *faults_of_slicer(tree, file)]
    return [f"{file} {fault}" for fault in faults]


def library_files() -> list[str]:
    return sorted(path.relative_to(LIBRARY).as_posix() for path in LIBRARY.rglob("*.py"))


def test_every_folder_of_the_library_has_a_layer():
    folders = {path.name for path in LIBRARY.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= set(LAYER_OF_FOLDER)


@pytest.mark.parametrize("file", library_files())
def test_the_library_imports_downwards_and_runs_nothing_at_import(file):
    assert faults_in((LIBRARY / file).read_text(), file) == []


@pytest.mark.parametrize(
    ("file", "source", "said"),
    [
        ("geometry/a.py", "from ..mesh import surface", "upwards"),
        ("mesh/a.py", "def f():\n    from ..files.stl import write", "upwards"),
        ("mrml/a.py", "from ..report.html import page", "upwards"),
        ("errors.py", "from .geometry.sweep import Sweep", "upwards"),
        ("mesh/a.py", "from .. import pipeline", "upwards"),
        ("mesh/a.py", "from FluoroPrintLib.errors import FluoroPrintError", "relative imports"),
        ("mesh/a.py", "import pydicom", "not allowed in this layer"),
        ("files/a.py", "import slicer", "not allowed in this layer"),
        ("report/a.py", "import qt", "not allowed in this layer"),
        ("mesh/a.py", "import trimesh", "not allowed in this layer"),
        (
            "geometry/a.py",
            "import importlib\nq = importlib.import_module('ctk')",
            "not allowed in this layer",
        ),
        ("files/a.py", "def f():\n    from urllib.request import urlopen", "no network"),
        ("files/a.py", "import urllib.request", "no network"),
        ("report/a.py", "import http.server", "no network"),
        ("report/a.py", "from vtkmodules.vtkRenderingCore import vtkRenderWindow", "no render window"),
        ("mesh/a.py", "import manifold3d", "in the function that needs it"),
        ("pipeline/a.py", "from rich.progress import Progress", "in the function that needs it"),
        ("mesh/a.py", "class A:\n    import numba", "in the function that needs it"),
        ("reconstruction/a.py", "from .engine_numba import NumbaEngine", "needs an optional package"),
        ("mesh/a_manifold3d.py", "from .closest_numba import is_near", "needs an optional package"),
        ("mesh/a.py", "print('hello')", "runs at import"),
        ("mesh/a.py", "for i in range(3):\n    pass", "runs at import"),
        ("mesh/a.py", "try:\n    import numpy\nexcept ImportError:\n    numpy = None", "runs at import"),
        ("mesh/a.py", "if __name__ == '__main__':\n    main()", "runs at import"),
        ("mrml/a.py", "import slicer\ndef f():\n    return slicer.mrmlScene", "not the application"),
        ("mrml/a.py", "def f():\n    from slicer import app", "not the application"),
        ("mrml/a.py", "import slicer\ndef f(n):\n    slicer.util.saveNode(n, 'a')", "not the application"),
        ("mrml/a.py", "from slicer.util import loadVolume", "not the application"),
    ],
)
def test_a_breach_of_the_layers_is_noticed(file, source, said):
    assert any(said in fault for fault in faults_in(source, file))


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("geometry/a.py", '"""Doc."""\nimport math\nfrom ..errors import FluoroPrintError\nX = math.pi'),
        ("mesh/a.py", "import numpy as np\nfrom scipy import ndimage\ndef f():\n    import manifold3d"),
        ("mesh/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import manifold3d"),
        ("reconstruction/engine_numba.py", "from numba import njit\n@njit\ndef f(): ..."),
        ("mesh/a_numba.py", "from .closest_numba import is_near"),
        ("reconstruction/engines.py", "def f():\n    from .engine_numba import NumbaEngine"),
        ("files/a.py", "import pydicom\nfrom urllib.parse import quote"),
        ("mrml/a.py", "def f(scene):\n    import slicer\n    return slicer.vtkMRMLModelNode()"),
        ("mrml/a.py", "import slicer\ndef f(n):\n    return slicer.util.arrayFromVolume(n)"),
        ("__main__.py", "from .pipeline.run import main\nif __name__ == '__main__':\n    main()"),
        ("slicer_app/a.py", "import qt, slicer\ndef f():\n    return slicer.app"),
    ],
)
def test_what_the_layers_allow_passes(file, source):
    assert faults_in(source, file) == []
