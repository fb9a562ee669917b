"""Links that point into this repository, from pages, modules and effects, lead to a file that is there."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
HOME = "https://github.com/FluoroPrint/SlicerFluoroPrint/blob/main/"
PLACES = re.compile(r"\]\(([^)\s]+)\)|<(?:img|a) [^>]*?(?:src|href)=\"([^\"]+)\"")
BUILT = {".venv", "build", ".git"}


def files(*patterns: str) -> list[Path]:
    found = (path for pattern in patterns for path in REPOSITORY.rglob(pattern))
    return sorted(path for path in found if not BUILT & set(path.relative_to(REPOSITORY).parts))


def broken_in_page(page: Path) -> list[str]:
    """Links of a page, relative or to the repository's home, without a file."""
    links = ["".join(found) for found in PLACES.findall(page.read_text(encoding="utf-8"))]
    inside = [link for link in links if not re.match(r"[a-z]+:|#", link)]
    wrong = [link for link in inside if not (page.parent / link.partition("#")[0]).exists()]
    return wrong + broken_to_home("\n".join(links))


def broken_to_home(text: str) -> list[str]:
    """Addresses of files in the repository that are not there."""
    paths = re.findall(re.escape(HOME) + r"([\w./-]+)", text)
    return [path for path in paths if not (REPOSITORY / path).exists()]


def joined_source(path: Path) -> str:
    """Source with strings that run over several lines joined, and the home's folder of pages filled in."""
    text = re.sub(r"[\"']\s*\n\s*f?[\"']", "", path.read_text(encoding="utf-8"))
    pages = re.search(r'^PAGES = "([^"]+)"$', text, re.MULTILINE)
    return text.replace("{PAGES}", pages.group(1)) if pages else text


@pytest.mark.parametrize("page", files("*.md"), ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_of_a_page_lead_somewhere(page):
    assert broken_in_page(page) == []


@pytest.mark.parametrize(
    "module", files("FluoroPrint*.py", "SegmentEditor*.py", "effect.py"), ids=lambda path: path.stem
)
def test_links_of_modules_and_effects_lead_somewhere(module):
    assert broken_to_home(joined_source(module)) == []


def test_every_module_that_is_seen_links_to_its_page():
    sources = files("FluoroPrint*.py", "SegmentEditor*.py", "effect.py")
    texts = "".join(joined_source(path) for path in sources)
    linked = set(re.findall(re.escape(HOME) + r"docs/modules/(\w+)\.md", texts))
    modules = {path.parent.name for path in REPOSITORY.glob("*/CMakeLists.txt")}
    assert linked == modules


def test_a_broken_link_is_noticed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"[a](nowhere.md) [b](page.md#part) ![c](https://host/x.png) [d]({HOME}docs/nothing.md)")
    assert broken_in_page(page) == ["nowhere.md", "docs/nothing.md"]
