"""The worker's own thread of care: jobs due by the clock, jobs that were lost, signs of life."""

import threading
import time

from registry.kernel import db, jobs, tickets, timetable
from registry.kernel.jobs import JobQueue
from registry.kernel.logs import log

POLL_SECONDS = 1.0


class Dispatcher:
    """Runs beside the consumer of `queue` until `stop` is set."""

    def __init__(self, queue: JobQueue, stop: threading.Event) -> None:
        self.queue, self.stop = queue, stop
        self._minutes = {one.name: one.minutes for one in jobs.JOBS.values() if one.minutes}
        self._next_life = 0.0

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                with db.connection():
                    self.once()
            except Exception:
                log.exception("dispatch_failed")
            self.stop.wait(POLL_SECONDS)

    def once(self) -> int:
        """One round; answers how many tickets were announced."""
        if time.monotonic() >= self._next_life:
            timetable.enrol(self._minutes)
            tickets.show_life()
            self._next_life = time.monotonic() + self.queue.lost_after.total_seconds() / 4
        numbers = [*timetable.strike(self._minutes), *tickets.to_announce(self.queue.lost_after)]
        return sum(self.queue.announce(number) for number in numbers)
