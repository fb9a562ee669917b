"""Setting up on a machine that lacks something ends in one sentence that says what to do."""

import os
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]

FITTING, TOO_OLD = "exit 0", "exit 1"
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac'
PIP_FAILS = 'case "$*" in *install*) exit 1 ;; *) exit 0 ;; esac'


def make_python(folder: Path, name: str, script: str) -> Path:
    """A stand-in for a Python: answers by exit code."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def set_up(tmp_path: Path, **variables: str) -> subprocess.CompletedProcess:
    """Run the set-up with only the stand-ins of tmp_path/bin and the shell's own tools on PATH."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    for tool in ("sh", "dirname", "env"):
        link = tmp_path / "bin" / tool
        if not link.exists():
            link.symlink_to(next(p for d in ("/bin", "/usr/bin") if (p := Path(d) / tool).exists()))
    environment = {"PATH": str(tmp_path / "bin"), **variables}
    command = [str(REPOSITORY / "tools" / "set-up"), str(tmp_path / "environment")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_machine_without_python_is_told_to_install_one(tmp_path):
    result = set_up(tmp_path)
    assert result.returncode == 1
    assert "there is no Python 3.10 to 3.13 on PATH: install one" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_python_without_venv_is_told_the_package_to_install(tmp_path):
    make_python(tmp_path / "bin", "python3", WITHOUT_VENV)
    result = set_up(tmp_path)
    assert result.returncode == 1
    assert "run 'apt install python3-venv'" in result.stderr
    assert not (tmp_path / "environment").exists()


def test_the_package_is_that_of_the_python_that_was_named(tmp_path):
    python = make_python(tmp_path / "elsewhere", "python3.12", WITHOUT_VENV)
    assert "run 'apt install python3.12-venv'" in set_up(tmp_path, PYTHON=str(python)).stderr


def test_a_named_python_that_does_not_fit_is_refused_even_where_another_would_fit(tmp_path):
    make_python(tmp_path / "bin", "python3", FITTING)
    python = make_python(tmp_path / "elsewhere", "python3.9", TOO_OLD)
    result = set_up(tmp_path, PYTHON=str(python))
    assert result.returncode == 1
    assert f"{python} is no Python 3.10 to 3.13" in result.stderr


def test_a_python_that_fits_is_found_behind_one_that_does_not(tmp_path):
    make_python(tmp_path / "bin", "python3", TOO_OLD)
    make_python(tmp_path / "bin", "python3.11", WITHOUT_VENV)
    assert "python3.11 cannot make virtual environments" in set_up(tmp_path).stderr


def test_packages_that_cannot_be_installed_end_the_set_up(tmp_path):
    make_python(tmp_path / "environment" / "bin", "python", PIP_FAILS)
    result = set_up(tmp_path)
    assert result.returncode == 1
    assert "the Python packages could not be installed" in result.stderr


@pytest.mark.parametrize("target", ["demo", "test", "benchmark", "lint"])
def test_a_failed_set_up_leaves_no_stamp_and_runs_nothing(tmp_path, target):
    command = ["make", target, f"VENV={tmp_path}/environment", "PYTHON=/nowhere/python3"]
    environment = {**os.environ, "MAKEFLAGS": ""}
    result = subprocess.run(
        command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 2
    assert "/nowhere/python3 is no Python 3.10 to 3.13" in result.stderr
    assert list(tmp_path.glob("environment/.*")) == []
