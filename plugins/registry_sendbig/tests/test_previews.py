"""Looking at files before fetching them, and what is never shown."""

import io

from registry_sendbig.tests.post import PNG, Post
from registry_sendbig.transfers import service as transfers


def _pdf() -> bytes:
    from reportlab.pdfgen.canvas import Canvas

    drawn = io.BytesIO()
    canvas = Canvas(drawn)
    canvas.drawString(72, 720, "Page one")
    canvas.save()
    return drawn.getvalue()


def test_pictures_and_pages_are_shown_and_nothing_that_could_run(post: Post) -> None:
    made = post.draft()
    post.file(made, PNG, "a.png", type="image/png")
    post.file(made, _pdf(), "b.pdf", type="application/pdf")
    post.file(made, b"<svg/>", "c.svg", type="image/svg+xml")
    post.file(made, b"<html>", "d.png", type="text/html")
    transfers.send(post.people.member.actor, made.id)
    shown = [post.get(post.path(made, what=f"{one.id}/preview")) for one in post.files(made)]
    assert [one.status_code for one in shown] == [200, 200, 404, 404]
    assert [one.content_type for one in shown[:2]] == ["image/png", "image/png"]
    assert shown[0].data == PNG
    assert shown[1].data.startswith(b"\x89PNG")
    for one in shown[:2]:
        assert one.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
        assert one.headers["X-Content-Type-Options"] == "nosniff"
    beyond = post.get(post.path(made, what=f"{post.files(made)[1].id}/preview?page=2"))
    assert beyond.status_code == 404


def test_who_has_looked_is_on_record(post: Post) -> None:
    """A picture that is shown has been handed over: with a receipt, as any file."""
    made = post.draft()
    post.file(made, PNG, "a.png", type="image/png")
    post.file(made, _pdf(), "b.pdf", type="application/pdf")
    transfers.send(post.people.member.actor, made.id)
    picture, paper = post.files(made)
    post.get(post.path(made, what=f"{paper.id}/preview"))
    [seen] = post.chain("sendbig.page_seen")
    assert (seen.actor_name, seen.object_id, post.downloads(made)) == ("ann@third.example", paper.id, [])
    post.get(post.path(made, what=f"{picture.id}/preview"))
    [one] = post.downloads(made)
    assert (one.file_id, one.whole_at is not None, len(post.letters("receipt"))) == (picture.id, True, 1)


def test_a_broken_pdf_is_an_answer_not_a_failure(post: Post) -> None:
    made = post.draft()
    post.file(made, b"%PDF-1.7 nonsense", "b.pdf", type="application/pdf")
    transfers.send(post.people.member.actor, made.id)
    assert post.get(post.path(made, what=f"{post.files(made)[0].id}/preview")).status_code == 422


def test_what_is_counted_is_not_shown_beforehand(post: Post) -> None:
    made = post.draft(most_downloads=1)
    post.file(made, PNG, "a.png", type="image/png")
    transfers.send(post.people.member.actor, made.id)
    assert post.get(post.path(made, what=f"{post.files(made)[0].id}/preview")).status_code == 404
