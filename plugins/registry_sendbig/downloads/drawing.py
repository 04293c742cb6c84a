"""Draws a page of a PDF that comes by standard input, as PNG to standard output. Run as a program of its own."""

import resource
import sys

NO_SUCH_PAGE = 3
MOST_PIXELS = 1600  # of the longer side
MEMORY, SECONDS = 1024 * 1024 * 1024, 10


def main() -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes into a pipe, and nowhere else
    import pypdfium2

    document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    number = int(sys.argv[1])
    if number > len(document):
        return NO_SUCH_PAGE
    page = document[number - 1]
    longer = max(page.get_size())
    scale = min(2.0, MOST_PIXELS / longer) if longer > 0 else 1.0
    page.render(scale=scale).to_pil().save(sys.stdout.buffer, "PNG")
    return 0


if __name__ == "__main__":
    sys.exit(main())
