"""The hash of weights: sha256sum's own, recorded, and held against."""

import hashlib
import subprocess

import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.learned import weights
from FluoroPrintLib.learned.model_folder import read_model_folder
from FluoroPrintLib.learned.weights import check_sha256, record_sha256, recorded_sha256, weights_sha256


def digest_of(folder):
    return weights_sha256(read_model_folder(folder).weights, folder)


def test_it_is_what_sha256sum_gives(folder):
    names = "dataset.json fold_0/checkpoint_final.pth plans.json"
    lines = subprocess.run(f"sha256sum {names}".split(), cwd=folder, capture_output=True, check=True).stdout
    assert digest_of(folder) == hashlib.sha256(lines).hexdigest()


@pytest.mark.parametrize("name", ["dataset.json", "plans.json", "fold_0/checkpoint_final.pth"])
def test_a_change_of_any_file_changes_it(folder, name):
    files, before = read_model_folder(folder).weights, digest_of(folder)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert weights_sha256(files, folder) != before


def test_it_reads_in_pieces_and_can_be_cancelled(folder, monkeypatch):
    whole, told = digest_of(folder), []
    monkeypatch.setattr(weights, "CHUNK", 7)
    assert weights_sha256(read_model_folder(folder).weights, folder, lambda f, m: told.append(f)) == whole
    assert len(told) > 30
    assert told == sorted(told)
    assert told[-1] == 1.0

    def stop(fraction, message):
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        weights_sha256(read_model_folder(folder).weights, folder, stop)


def test_a_recorded_hash_is_read_back_and_holds(tmp_path):
    record, digest = tmp_path / "r.sha256", "ab" * 32
    assert recorded_sha256(record) is None
    assert check_sha256("M", digest, None, record) == "no hash is recorded"
    record_sha256(record, digest)
    assert recorded_sha256(record) == digest
    assert check_sha256("M", digest, None, record) == "as recorded"
    with pytest.raises(
        FluoroPrintError, match=r"weights of M have the hash cdcd.*…, not abab.*recorded in r\.sha"
    ):
        check_sha256("M", "cd" * 32, None, record)


def test_the_hash_given_counts_before_the_recorded_one(tmp_path):
    record, digest = tmp_path / "r.sha256", "ab" * 32
    record_sha256(record, "cd" * 32)
    assert check_sha256("M", digest, f" {digest.upper()} ", record) == "as the one given"
    with pytest.raises(FluoroPrintError, match="as the one given: they were changed or damaged"):
        check_sha256("M", digest, "ef" * 32, record)
    with pytest.raises(FluoroPrintError, match="takes the 64 digits"):
        check_sha256("M", digest, "ab12", record)


def test_a_record_that_holds_no_hash_or_cannot_be_written_is_told(tmp_path):
    (tmp_path / "r.sha256").write_text("nothing")
    with pytest.raises(FluoroPrintError, match="holds no SHA-256"):
        recorded_sha256(tmp_path / "r.sha256")
    with pytest.raises(FluoroPrintError, match="cannot be written"):
        record_sha256(tmp_path / "gone" / "r.sha256", "ab" * 32)
