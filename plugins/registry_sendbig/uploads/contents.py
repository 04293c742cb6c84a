"""What a file is, judged by what is in it: what it is called, and what its sender says it is, decide nothing.

What decisions rest on (what runs, what a browser would run, what we draw) is told by signatures of our own, which is
few; puremagic names the rest.
"""

import re

HEAD = 64 * 1024  # bytes that are looked at; an image of a CD says so after 32 KiB
UNKNOWN = "application/octet-stream"
PROGRAM = "application/x-executable"
WINDOWS_PROGRAM = "application/vnd.microsoft.portable-executable"
SURE = 0.5

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", PROGRAM), (b"\xfe\xed\xfa\xce", PROGRAM), (b"\xfe\xed\xfa\xcf", PROGRAM),
    (b"\xce\xfa\xed\xfe", PROGRAM), (b"\xcf\xfa\xed\xfe", PROGRAM), (b"\xca\xfe\xba\xbe", PROGRAM),
    (b"#!", "text/x-script"),
    (b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"), (b"II*\0", "image/tiff"), (b"MM\0*", "image/tiff"), (b"%PDF-", "application/pdf"),
    (b"\x1f\x8b\x08", "application/gzip"), (b"BZh", "application/x-bzip2"), (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"), (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"), (b"QFI\xfb", "application/x-qemu-disk"),
    (b"KDMV", "application/x-vmdk"), (b"conectix", "application/x-virtualbox-vhd"), (b"vhdxfile", "application/x-vhdx"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)  # fmt: skip
_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
# What a browser may take for a page although it begins otherwise is found by these, anywhere near the beginning.
_SVG = re.compile(rb"<(\w+:)?svg[\s>]", re.I)
_PAGE = re.compile(
    rb"(<!doctype\s+html|<(html|head|body|script|iframe|title|meta|style|table|div|font|h1|br|p|a|img|!--)[\s>/])", re.I
)
_XHTML = re.compile(rb"<(\w+:)?html[\s>]", re.I)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def recognise(head: bytes) -> str:
    """The media type of a file that begins with `head` (HEAD bytes, or all of it)."""
    for look in (_program, _beginning, _markup, _container, _named):
        if found := look(head):
            return found
    return "text/plain" if head and _is_text(head) else UNKNOWN


def _program(head: bytes) -> str:
    return WINDOWS_PROGRAM if head[:2] in (b"MZ", b"ZM") and len(head) >= 64 else ""


def _beginning(head: bytes) -> str:
    return next((kind for beginning, kind in _BEGINNINGS if head.startswith(beginning)), "")


def _markup(head: bytes) -> str:
    text = _as_bytes(head)[:4096].lstrip()
    if text[:5].lower() == b"<?xml" or _SVG.match(text):
        return "image/svg+xml" if _SVG.search(text) else "application/xhtml+xml" if _XHTML.search(text) else _xml(text)
    if _PAGE.match(text):
        return "image/svg+xml" if text.startswith(b"<!--") and _SVG.search(text) else "text/html"
    return "image/svg+xml" if text[:9].lower() == b"<!doctype" and _SVG.search(text) else ""


def _xml(text: bytes) -> str:
    return "text/html" if _PAGE.search(text) else "application/xml"


def _as_bytes(head: bytes) -> bytes:
    """Texts of two bytes a letter as one of one byte, so that markup is found in them, too."""
    for mark, coding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            return head[2:].decode(coding, errors="replace").encode()
    return head.removeprefix(b"\xef\xbb\xbf")


def _container(head: bytes) -> str:
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head[0x8001:0x8006] == b"CD001":
        return "application/x-iso9660-image"
    if head[257:262] == b"ustar":
        return "application/x-tar"
    if not head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return ""
    if b"META-INF/MANIFEST.MF" in head:
        return "application/java-archive"
    office = b"[Content_Types].xml" in head
    return next((kind for mark, kind in _OFFICE.items() if office and mark in head), "application/zip")


def _named(head: bytes) -> str:
    """What puremagic is sure of, unless it is what our own signatures would have found."""
    import puremagic

    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError, OSError):
        return ""
    kind = next((one.mime_type for one in found if one.confidence >= SURE and one.mime_type), "")
    active = ("html", "svg", "xml", "script", "executable")
    return "" if any(word in kind for word in active) or len(kind) > 100 else str(kind)


def _is_text(head: bytes) -> bool:
    if _CONTROL.search(head):
        return False
    try:
        head[: -4 if len(head) == HEAD else None].decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD and error.start > HEAD - 8
    return True
