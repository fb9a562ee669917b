"""The file lists of the modules' CMakeLists.txt, brought up to date with the tree: `make cmake-lists`.

An installed extension holds the listed files and nothing else, and a listed file that does not exist stops
the build; so the lists are written from the tree, and a test compares the two.
"""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS, RESOURCES = "MODULE_PYTHON_SCRIPTS", "MODULE_PYTHON_RESOURCES"
NOT_PACKAGED = {".md", ".txt"}


def module_folders(repository: Path = REPOSITORY) -> list[Path]:
    """Return the folders that the top-level CMakeLists.txt adds, in its order."""
    text = (repository / "CMakeLists.txt").read_text()
    return [repository / name for name in re.findall(r"^add_subdirectory\((\w+)\)$", text, re.MULTILINE)]


def listed_files(cmake_text: str, variable: str) -> list[str]:
    """Return the values of `set(variable ...)`; none where it is not set."""
    found = re.search(_set_command(variable), cmake_text)
    return found.group(1).split() if found else []


def files_in_tree(module_folder: Path) -> dict[str, list[str]]:
    """Return what a module's lists have to hold, by variable: sorted paths relative to its folder."""
    files = [path for path in sorted(module_folder.rglob("*")) if _is_packaged(path)]
    return {
        SCRIPTS: [path.relative_to(module_folder).as_posix() for path in files if path.suffix == ".py"],
        RESOURCES: [path.relative_to(module_folder).as_posix() for path in files if path.suffix != ".py"],
    }


def with_lists(cmake_text: str, lists: dict[str, list[str]]) -> str:
    """Return `cmake_text` with the value of each variable replaced."""
    for variable, files in lists.items():
        value = "".join(f"  {file}\n" for file in files)
        cmake_text = re.sub(_set_command(variable), f"set({variable}\n{value}  )", cmake_text)
    return cmake_text


def _set_command(variable: str) -> str:
    return rf"set\({variable}\s([^)]*)\)"


def _is_packaged(path: Path) -> bool:
    made_here = any(part == "__pycache__" or part.endswith(".egg-info") for part in path.parts)
    return path.is_file() and path.suffix not in NOT_PACKAGED and not made_here


def main() -> None:
    """Write the lists of every module."""
    for folder in module_folders():
        cmake_file = folder / "CMakeLists.txt"
        cmake_file.write_text(with_lists(cmake_file.read_text(), files_in_tree(folder)))


if __name__ == "__main__":
    main()
