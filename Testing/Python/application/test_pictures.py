"""Every panel can be seen: its picture has a size, is not of one colour, and shows its button."""

import pictures
import pytest

SMALLEST = 100


def colours_of(pixmap):
    image = pixmap.real.toImage()
    return {image.pixel(x, y) for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}


def is_of_a_panel(pixmap):
    return pixmap.width() >= SMALLEST and pixmap.height() >= SMALLEST and len(colours_of(pixmap)) > 10


@pytest.mark.parametrize("name", pictures.PANELS)
def test_a_panel_is_seen(application, monkeypatch, tmp_path, name):
    assert is_of_a_panel(pictures.take_panel(monkeypatch, name, tmp_path))
    assert (tmp_path / f"{name}.png").stat().st_size > 1000


@pytest.mark.parametrize("name", pictures.EFFECTS)
def test_the_options_of_an_effect_are_seen(application, monkeypatch, tmp_path, name):
    assert is_of_a_panel(pictures.take_effect(monkeypatch, name, tmp_path))


def test_every_effect_has_its_picture_and_what_fills_it():
    assert len(pictures.EFFECTS) >= 7
    for name in pictures.EFFECTS:
        picture = pictures.stand_in.REPOSITORY / "docs" / "pictures" / f"{name}.png"
        assert 1000 < picture.stat().st_size < 50_000
        assert pictures.filling_of(name) is not None


def test_the_documents_tell_of_every_effect():
    page = (pictures.stand_in.REPOSITORY / "docs" / "modules" / "SegmentEditorFluoroPrint.md").read_text()
    named = " ".join((pictures.stand_in.REPOSITORY / "README.md").read_text().split())
    for picture, name in pictures.EFFECTS.items():
        assert f"*{name}*" in named
        assert f"\n## {name}\n" in page
        assert f"(../pictures/{picture}.png)" in page


def test_an_empty_widget_is_noticed(application, tmp_path):
    import qt

    assert not is_of_a_panel(pictures.stand_in.picture_of(qt.QWidget(), tmp_path / "empty.png"))
