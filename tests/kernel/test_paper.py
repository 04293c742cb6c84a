"""Papers: every letter is printed or the paper is refused, lines break where they may, the same input gives the same
bytes."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from registry.kernel import fonts, paper
from registry.kernel.language import speaking
from registry.kernel.paper import Col, Paper, Unprintable

pytestmark = pytest.mark.skipif(
    not fonts._path("NotoSansTC-Regular").is_file(), reason="the fonts are not built: make assets"
)
TEXTS = st.text(st.sampled_from("abc WÄłΩЖ 貨櫃碼頭，。（「」）-/0123456789"), max_size=120)


def read(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages)


def _sample(name: str = "Certificate") -> Paper:
    made = Paper(name, author="Northgate 北門", language="zh-Hant")
    made.code("https://assets.example/c/acme/assets/1")
    made.title("保固證明書", "Łódź, Ελλάδα, Київ, Đà Nẵng")
    made.facts([("客戶", "葵涌貨櫃碼頭"), ("Empty", "")])
    made.heading("What")
    made.table([Col("A", 1, bold=True), Col("B", 2)], [["Rack 1"], ["SN-1", "交換器"], ["SN-2", "plain <b>&amp;"]])
    made.bullets(["one", "二"])
    return made


def test_what_is_written_can_be_read_back() -> None:
    text = read(_sample().pdf())
    for part in (
        "保固證明書",
        "葵涌貨櫃碼頭",
        "Łódź, Ελλάδα, Київ, Đà Nẵng",
        "交換器",
        "plain <b>&amp;",
        "Rack 1",
        "二",
    ):
        assert part in text, part
    assert "Empty" not in text
    assert "Northgate 北門 · Certificate · Page 1 of 1" in " ".join(text.split())


def test_it_says_what_it_is_and_embeds_its_letters() -> None:
    document = PdfReader(BytesIO(_sample().pdf()))
    assert document.metadata is not None
    assert (document.metadata.title, document.metadata.author) == ("Certificate", "Northgate 北門")
    assert document.trailer["/Root"]["/Lang"] == "zh-Hant"
    for font in document.pages[0]["/Resources"]["/Font"].values():
        described = font.get_object()
        if described["/Subtype"] == "/TrueType":
            assert "/FontFile2" in described["/FontDescriptor"] and "+" in described["/BaseFont"]


def test_the_same_contents_give_the_same_bytes() -> None:
    assert _sample().pdf() == _sample().pdf()
    assert _sample().pdf() != _sample("Other").pdf()


@pytest.mark.parametrize("place", ["name", "author", "title", "fact", "cell", "bullet"])
def test_a_letter_that_no_font_has_is_never_a_box(place: str) -> None:
    odd = "rack 🙂 שלום"
    made = Paper(odd if place == "name" else "x", author=odd if place == "author" else "x")
    made.title(odd if place == "title" else "x")
    made.facts([("x", odd if place == "fact" else "x")])
    made.table([Col("x", 1), Col("y", 1)], [["x", odd if place == "cell" else "x"]])
    made.bullets([odd if place == "bullet" else "x"])
    with pytest.raises(Unprintable) as refused:
        made.pdf()
    assert "🙂 (U+1F642)" in refused.value.message and "ש (U+05E9)" in refused.value.message
    assert set(refused.value.characters) == set("🙂שלום")
    with speaking("zh-Hant"), pytest.raises(Unprintable, match="U\\+1F642"):
        made.pdf()


@pytest.mark.parametrize("text", ["कि", "مرحبا", "ไทย"])
def test_scripts_whose_letters_join_are_refused_and_not_printed_apart(text: str) -> None:
    made = Paper("x")
    made.text(text)
    with pytest.raises(Unprintable):
        made.pdf()


def test_composed_letters_and_control_characters() -> None:
    made = Paper("x")
    made.text("Cafe\u0301\x00 \u202enot turned")
    text = read(made.pdf())
    assert "Café" in text and "\x00" not in text


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.sampled_from([30.0, 60.0, 200.0]))
def test_no_line_is_wider_than_its_room_and_nothing_is_lost(text: str, room: float) -> None:
    lines = fonts.wrapped(text, room, 9)
    assert all(fonts.width(line, 9) <= room + 1e-6 for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_chinese_breaks_between_characters_but_not_before_a_full_stop() -> None:
    text = "這台設備在保固期內。" * 6
    lines = fonts.wrapped(text, 100, 9)
    assert len(lines) > 3 and not any(line.startswith("。") for line in lines)
    assert fonts.wrapped("one two three", 1000, 9) == ["one two three"]
    assert [line.strip() for line in fonts.wrapped("one two three", fonts.width("one two", 9) + 1, 9)] == [
        "one two", "three",
    ]  # fmt: skip


def test_a_long_table_has_its_head_on_every_page() -> None:
    made = Paper("List")
    made.table([Col("Serial", 1), Col("Product", 1)], ([f"SN-{number}", "Switch"] for number in range(120)))
    document = PdfReader(BytesIO(made.pdf()))
    texts = [page.extract_text() for page in document.pages]
    assert len(texts) > 2 and all("Serial" in text and "Product" in text for text in texts)
    found = [line for text in texts for line in text.split() if line.startswith("SN-")]
    assert found == [f"SN-{number}" for number in range(120)]
    for number, text in enumerate(texts, 1):
        assert f"Page {number} of {len(texts)}" in text


def test_what_is_drawn_stays_on_the_page() -> None:
    made = Paper("List")
    made.table([Col("A", 1), Col("B", 1)], ([f"{number} " * 60, "x"] for number in range(40)))
    for page in made._pages:
        assert all(paper.BOTTOM - 0.01 <= thing.y <= paper.TOP and thing.x >= paper.LEFT for thing in page)


def test_without_fonts_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "resource_dir", lambda _name: tmp_path)
    fonts._font.cache_clear()
    fonts._found.cache_clear()
    try:
        with pytest.raises(fonts.NotBuilt, match="make assets"):
            Paper("x").pdf()
    finally:
        fonts._font.cache_clear()
        fonts._found.cache_clear()
