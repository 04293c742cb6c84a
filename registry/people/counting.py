"""How often people got in, and did not: for Prometheus, told by the outbox, so each is counted once."""

from registry.kernel import metrics
from registry.kernel.access import Actor
from registry.kernel.events import Event, subscribe

OUTCOMES = {"user.signed_in": "done", "user.sign_in_failed": "failed"}

metrics.declare_counter("sign_ins", "Attempts to sign in.", "outcome")


def count(event: Event, _actor: Actor) -> None:
    if event.name in OUTCOMES:
        metrics.count("sign_ins", OUTCOMES[event.name])


subscribe("metrics", "user.sign*", count, wanted=metrics.is_on)
