"""Holds that each handler of a module is called, through its signal, by a test of one file.

Each test leaves what it connected and called in a folder that parallel runs share; the last one of the file
compares. Where only some tests of a file are run there is no last one, so nothing is held.
"""

import hashlib
import json
import os

import pytest
from qt_side.handlers import LOG

TESTS = pytest.StashKey()
"""The names of the tests of each file, before any was deselected."""


def remember_tests(config, items):
    """Keep which tests a whole run of each file has; those that are slow are left out of it."""
    config.stash[TESTS] = tests = {}
    for item in items:
        if item.get_closest_marker("slow") is None:
            tests.setdefault(item.path, set()).add(item.nodeid)


def shared_folder(factory, path):
    """Return the folder for a test file's notes, the same for all parallel workers."""
    base = factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = base / "handlers" / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def keep_note(folder, test, log=LOG):
    """Write what a test connected and called; a note appears complete or not at all."""
    note = {"test": test, "connected": sorted(log.connected), "called": sorted(log.called)}
    path = folder / hashlib.sha256(test.encode()).hexdigest()
    path.with_suffix(".part").write_text(json.dumps(note))
    path.with_suffix(".part").replace(path.with_suffix(".json"))


def never_called(folder, tests, module):
    """Return the handlers of a module, and of none, that no test called; () while not all tests have run."""
    notes = [json.loads(path.read_text()) for path in folder.glob("*.json")]
    if not tests <= {note["test"] for note in notes}:
        return ()
    connected, called = (
        {what for note in notes for owner, what in note[kind] if owner in (module, "")}
        for kind in ("connected", "called")
    )
    return tuple(sorted(connected - called))


def check(request, factory, module):
    """Keep a test's note; after the last test of its file, fail where a handler was never called."""
    folder = shared_folder(factory, request.path)
    keep_note(folder, request.node.nodeid)
    if any("::" in argument for argument in request.config.args):
        return
    left = never_called(folder, request.config.stash[TESTS][request.path], module)
    if left:
        raise AssertionError(f"no test of {request.path.name} calls, by its signal, " + "; ".join(left))
