"""Encoding, line end and delimiter of a text file, found without guessing what cannot be known."""

import codecs
import csv
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from registry.imports.problems import Suggestion, UnreadableFile
from registry.kernel.language import _, quoted

SAMPLE_BYTES = 256 * 1024
CHUNK_BYTES = 1024 * 1024
DELIMITERS = (",", ";", "\t", "|")
DELIMITER_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}

# UTF-32 stands before UTF-16, whose mark is the beginning of its own.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# In the order in which they are offered; a person picks the one whose sample reads right.
_CANDIDATES = (
    "cp1252",
    "mac_roman",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_kr",
    "cp1251",
    "cp1250",
    "latin-1",
)
# Python knows codecs that are no text encodings at all (rot13, zip) or dangerous (unicode_escape).
_KNOWN = re.compile(
    r"utf-(8|16|32)(-[lb]e)?|iso8859-\d+|cp\d{3,4}|mac-\w+|gb18030|gbk|gb2312|big5(hkscs)?|hz"
    r"|shift_jis\w*|euc_\w+|iso2022_\w+|koi8-\w|tis-620|ascii"
)
_SEPARATOR_LINE = re.compile(r"sep=(.)(?:\r\n|\r|\n)")
_MARKERS = re.compile(r'\r\n|[\r\n"]')


class Dialect(NamedTuple):
    """How a text file is written. `skip` is the number of bytes of its byte order mark."""

    encoding: str
    delimiter: str
    line_end: str
    skip: int
    separator_line: bool


def detect(path: Path, encoding: str | None, delimiter: str | None) -> Dialect:
    """The dialect of the file at `path`, after one pass over its bytes. Raises UnreadableFile."""
    with path.open("rb") as file:
        head = file.read(SAMPLE_BYTES)
    if not head.strip():
        raise UnreadableFile("empty", _("The file is empty. Expected a line of headers and at least one row."))
    found, skip = _encoding(head, encoding)
    sample = head[skip:].decode(found, errors="replace")
    line_end = find_line_end(sample, ",;\t|" + (delimiter or ""))
    check_bytes(path, found, skip, line_end)
    hint = _SEPARATOR_LINE.match(sample)
    if delimiter is None and hint:
        chosen = hint[1]
    else:
        chosen = _delimiter(sample[hint.end() :] if hint else sample, delimiter, line_end)
    return Dialect(found, chosen, line_end, skip, hint is not None)


def _encoding(head: bytes, given: str | None) -> tuple[str, int]:
    marked, skip = next(((name, len(mark)) for mark, name in _MARKS if head.startswith(mark)), (None, 0))
    if given is None:
        return marked or "utf-8", skip
    try:
        name = codecs.lookup(given.strip()).name.removesuffix("-sig")
    except LookupError:
        name = ""
    if not _KNOWN.fullmatch(name):
        raise UnreadableFile(
            "unknown_encoding",
            _(
                "The encoding %(given)s is not known. Give one such as utf-8, cp1252, mac_roman or gb18030.",
                given=quoted(given),
            ),
        )
    if marked and not marked.startswith(name):
        raise UnreadableFile(
            "encoding_conflict",
            _(
                "The file begins with the mark of %(marked)s, but encoding=%(given)s was given. "
                "Leave the encoding out.",
                marked=marked,
                given=given,
            ),
            line=1,
        )
    return marked or name, skip


def find_line_end(sample: str, delimiters: str = ",;\t|") -> str:
    """'LF', 'CRLF' or 'CR': how the first line ends, quoted cells respected. LF where there is none."""
    quoted = False
    opens_after = f"{delimiters}\r\n"
    closed_at = -1
    for found in _MARKERS.finditer(sample):
        mark, at = found[0], found.start()
        if mark != '"':
            if not quoted:
                return {"\r\n": "CRLF", "\r": "CR", "\n": "LF"}[mark]
        elif quoted:
            quoted, closed_at = False, at
        else:  # a quote in the middle of a cell is only a character, such as an inch sign
            quoted = at == 0 or sample[at - 1] in opens_after or closed_at == at - 1
    return "LF"


def check_bytes(path: Path, encoding: str, skip: int, line_end: str) -> None:
    """Read the whole file once and raise UnreadableFile at the first byte that is not `encoding`, or NUL."""
    breaker = "\r" if line_end == "CR" else "\n"
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with path.open("rb") as file:
        file.seek(skip)
        for chunk in _chunks(file.read):
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as problem:
                before = problem.object[: problem.start].decode(encoding, errors="replace")
                _undecodable(problem, encoding, line + before.count(breaker), breaker)
            if "\0" in text:
                _nul(path, line + text[: text.index("\0")].count(breaker))
            line += text.count(breaker)


def _chunks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    while chunk := read(CHUNK_BYTES):
        yield chunk
    yield b""


def _undecodable(problem: UnicodeDecodeError, encoding: str, line: int, breaker: str) -> NoReturn:
    data, start = problem.object, problem.start
    line_start = data.rfind(breaker.encode(), 0, start) + 1
    window = data[line_start : start + 64 * 1024]
    wide = encoding.startswith(("utf-16", "utf-32"))  # its bytes mean nothing in other encodings
    suggestions = () if wide else tuple(_suggestions(window, start - line_start, exclude=encoding))
    shown = data[start : start + 4].hex(" ").upper()
    message = _(
        "Line %(line)s: the bytes %(shown)s are not %(encoding)s.", line=line, shown=shown, encoding=encoding.upper()
    )
    if suggestions:
        reads = ", ".join(
            _("%(name)s reads %(sample)s", name=name, sample=quoted(sample)) for name, sample in suggestions
        )
        message += _(" Give encoding=... with the one that reads right: %(reads)s.", reads=reads)
    else:
        message += _(" Save the file as UTF-8 and try again.")
    raise UnreadableFile("wrong_encoding", message, line=line, suggestions=suggestions)


def _suggestions(window: bytes, offset: int, exclude: str) -> Iterator[Suggestion]:
    seen = set()
    for name in _CANDIDATES:
        if codecs.lookup(name).name == exclude:
            continue
        try:
            text = codecs.getincrementaldecoder(name)().decode(window)
        except UnicodeDecodeError:
            continue
        at = len(window[:offset].decode(name, errors="ignore"))
        sample = _one_line(text[max(0, at - 15) : at + 15])
        if sample not in seen and all(char.isprintable() or char in "\t\xa0" for char in sample):
            seen.add(sample)
            yield Suggestion(name, sample)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _nul(path: Path, line: int) -> NoReturn:
    """A NUL is never text; at every second byte it is UTF-16 without its mark."""
    with path.open("rb") as file:
        head = file.read(4096)
    suggestions = tuple(
        Suggestion(name, _one_line(head.decode(name, errors="replace")[:30]))
        for name, offset in (("utf-16-le", 1), ("utf-16-be", 0))
        if head[offset::2].count(0) > len(head) // 4
    )
    advice = _("Give encoding=%(encoding)s", encoding=suggestions[0].encoding) if suggestions else _("Remove it")
    raise UnreadableFile(
        "nul_byte",
        _(
            "Line %(line)s holds a NUL character, which no text has. %(advice)s, or save the file as UTF-8.",
            line=line,
            advice=advice,
        ),
        line=line,
        suggestions=suggestions,
    )


def _delimiter(sample: str, given: str | None, line_end: str) -> str:
    if given is not None:
        chosen = DELIMITER_WORDS.get(given.strip().lower(), given)
        if len(chosen) != 1 or chosen in '"\r\n\0':
            raise UnreadableFile(
                "bad_delimiter",
                _("The delimiter %(given)s is no single character. Give one of , ; tab |.", given=quoted(given)),
            )
        return chosen
    fits = sorted(((*_fit(sample, item, line_end), item) for item in DELIMITERS), reverse=True)
    best, second = fits[0], fits[1]
    if best[:2] == (0.0, 1):
        return ","  # one column: no delimiter occurs
    if best[:2] == second[:2]:
        raise UnreadableFile(
            "ambiguous_delimiter",
            _(
                "Line 1 can be split by %(best)s or by %(second)s into %(best2)s columns. Give "
                "delimiter=... with the right one.",
                best=quoted(best[2]),
                second=quoted(second[2]),
                best2=best[1],
            ),
            line=1,
        )
    return best[2]


def _fit(sample: str, delimiter: str, line_end: str) -> tuple[float, int]:
    """(share of the first twenty records as wide as the header, its width); (0, 1) for one column."""
    lines = sample.split("\r" if line_end == "CR" else "\n")
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter)
    widths: list[int] = []
    try:
        for record in reader:
            if record:
                widths.append(len(record))
            if len(widths) == 20:
                break
    except csv.Error:
        pass
    if not widths or widths[0] < 2:
        return 0.0, 1
    if len(widths) > 2 and reader.line_num >= len(lines):
        widths.pop()  # the sample may have cut the last record
    return sum(width == widths[0] for width in widths) / len(widths), widths[0]
