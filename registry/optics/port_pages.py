"""Pages about where modules sit: devices by site and rack, and one device drawn as its ports."""

from flask import g, render_template
from werkzeug.wrappers import Response

from registry.kernel.shapes import Line, Shape
from registry.optics import seating
from registry.optics.decoder.records import VERDICTS
from registry.web.identity import actor
from registry.web.lists.asked import asked, paged
from registry.web.policy import allow
from registry.web.tenant import customer_pages

pages = customer_pages("optic_ports", __name__)
Page = Response | tuple[str, int]


class DeviceQuery(Shape):
    host = Line(max=255, min=1, required=True)
    cursor = Line(max=300)


@pages.get("/optics/devices")
@allow("asset.view")
def list_devices() -> Page:
    found = seating.devices(actor(), g.customer.id)
    around = {"racks": seating.in_racks(found), "homeless": seating.homeless(actor(), g.customer.id)}
    return render_template("optics/devices.html", verdicts=VERDICTS, most=seating.MOST_DEVICES, **around), 200


@pages.get("/optics/device")
@allow("asset.view")
def show_device() -> Page:
    """Its name stands behind the question mark, as names of devices may have any letters."""
    wanted = asked(DeviceQuery())
    place = {name: wanted.values.get(name, "") for name in ("host", "cursor")}
    device, cards = seating.device(actor(), g.customer.id, **place)
    page = paged(wanted, lambda _values: {"items": cards, "next": device.following})
    return render_template("optics/device.html", device=device, page=page, verdicts=VERDICTS), 200
