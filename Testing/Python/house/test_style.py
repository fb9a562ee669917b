"""What makes the sources readable, measured: short functions and files, all of it documented and typed.

The measures are tested on snippets that break each rule, so that a silent one is noticed.
"""

import ast
import io
import re
import statistics
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
LIBRARY = REPOSITORY / "FluoroPrint" / "FluoroPrintLib"
FOLDERS_OF_SOURCES = ("FluoroPrint", "FluoroPrint*", "SegmentEditor*", "tools", "Testing")

MEDIAN_FUNCTION_LINES = 7
LONGEST_FUNCTION_LINES = 60
LONGEST_FILE_LINES = 400
# Written apart, so that this file does not hold what it looks for.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]) + r")\b")
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(tree: ast.AST) -> list[Function]:
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def code_lines_of(source: str) -> set[int]:
    """Numbers of the lines that hold code: no comment, no blank."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        line
        for token in tokens
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }


def body_lines(function: Function, code_lines: set[int]) -> int:
    """Lines of code of a function's body, its docstring aside."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return len({line for node in body for line in range(node.lineno, node.end_lineno + 1)} & code_lines)


def lengths_of_functions(source: str) -> dict[str, int]:
    """Body lines of each function, by name and line."""
    code_lines = code_lines_of(source)
    return {f"{f.name}:{f.lineno}": body_lines(f, code_lines) for f in functions_of(ast.parse(source))}


def public_definitions(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | Function]:
    """Public functions and classes, and the public methods of these; a closure is nobody's interface."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node)


def untyped_parts(function: Function) -> list[str]:
    """Names of the arguments that have no type, and `return` where it has none."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    named += [a for a in (arguments.vararg, arguments.kwarg) if a]
    missing = [a.arg for a in named if a.annotation is None and a.arg not in ("self", "cls")]
    return missing + ([] if function.returns else ["return"])


def faults_of_interface(source: str) -> list[str]:
    """What a public function or class of the library lacks: a docstring, a type."""
    tree = ast.parse(source)
    faults = [] if ast.get_docstring(tree) else ["the file says nothing about itself"]
    for node in public_definitions(tree):
        if not ast.get_docstring(node):
            faults.append(f"{node.name} is not documented")
        if isinstance(node, Function) and untyped_parts(node):
            faults.append(f"{node.name} has untyped {', '.join(untyped_parts(node))}")
    return faults


def faults_of_handlers(source: str) -> list[str]:
    """Handlers that swallow whatever happens."""
    handlers = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ExceptHandler)]
    return [f"line {h.lineno} swallows every error" for h in handlers if _catches_all(h) and not _goes_on(h)]


def _catches_all(handler: ast.ExceptHandler) -> bool:
    return handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")


def _goes_on(handler: ast.ExceptHandler) -> bool:
    """Say whether the error lives on: raised again, or told to somebody by its name."""
    nodes = [node for statement in handler.body for node in ast.walk(statement)]
    return any(
        isinstance(n, ast.Raise) or (isinstance(n, ast.Name) and handler.name and n.id == handler.name)
        for n in nodes
    )


def source_files() -> list[str]:
    found = {path for folder in FOLDERS_OF_SOURCES for path in REPOSITORY.glob(f"{folder}/**/*.py")}
    return sorted(path.relative_to(REPOSITORY).as_posix() for path in found if "egg-info" not in str(path))


def library_files() -> list[str]:
    return [file for file in source_files() if file.startswith("FluoroPrint/FluoroPrintLib/")]


def read(file: str) -> str:
    return (REPOSITORY / file).read_text()


def test_half_of_the_functions_have_fewer_than_seven_lines():
    lengths = [n for file in library_files() for n in lengths_of_functions(read(file)).values()]
    assert statistics.median(lengths) < MEDIAN_FUNCTION_LINES


@pytest.mark.parametrize("file", source_files())
def test_no_function_has_more_than_sixty_lines(file):
    lengths = lengths_of_functions(read(file))
    assert {name: n for name, n in lengths.items() if n > LONGEST_FUNCTION_LINES} == {}


@pytest.mark.parametrize("file", source_files())
def test_a_file_has_fewer_than_four_hundred_lines(file):
    assert len(read(file).splitlines()) < LONGEST_FILE_LINES


@pytest.mark.parametrize("file", library_files())
def test_everything_public_is_documented_and_typed(file):
    assert faults_of_interface(read(file)) == []


@pytest.mark.parametrize("file", source_files())
def test_nothing_is_left_to_do_and_no_error_is_swallowed(file):
    assert UNFINISHED.findall(read(file)) == []
    assert faults_of_handlers(read(file)) == []


def test_lines_are_counted_without_docstring_comments_and_blanks():
    source = 'def f():\n    """Doc\n\n    more."""\n    # why\n\n    a = (1,\n         2)\n    return a\n'
    assert lengths_of_functions(source) == {"f:1": 3}


def test_a_text_over_several_lines_counts_as_these():
    assert lengths_of_functions('def f():\n    return """a\n    b\n    """\n') == {"f:1": 3}


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f() -> None:\n    '''Doc.'''", "the file says nothing about itself"),
        ("'''Doc.'''\ndef f() -> None:\n    pass", "f is not documented"),
        (
            "'''Doc.'''\nclass A:\n    '''Doc.'''\n    def g(self) -> None:\n        pass",
            "g is not documented",
        ),
        ("'''Doc.'''\ndef f(a, *b, c: int, **d) -> None:\n    '''Doc.'''", "f has untyped a, b, d"),
        ("'''Doc.'''\ndef f(a: int):\n    '''Doc.'''", "f has untyped return"),
    ],
)
def test_a_gap_in_the_interface_is_noticed(source, fault):
    assert faults_of_interface(source) == [fault]


@pytest.mark.parametrize(
    "handler", ["except:\n    pass", "except Exception:\n    pass", "except BaseException as e:\n    x = 1"]
)
def test_a_handler_that_swallows_every_error_is_noticed(handler):
    assert len(faults_of_handlers(f"try:\n    f()\n{handler}\n")) == 1


@pytest.mark.parametrize(
    "handler",
    [
        "except OSError:\n    pass",
        "except Exception:\n    g()\n    raise",
        "except Exception as e:\n    say(e)",
    ],
)
def test_a_handler_that_names_or_passes_on_its_error_is_fine(handler):
    assert faults_of_handlers(f"try:\n    f()\n{handler}\n") == []


def test_a_note_of_something_unfinished_is_noticed():
    assert UNFINISHED.findall("# TO" + "DO: later")
