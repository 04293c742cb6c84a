"""What `assetcare check` and the settings page tell about SendBig."""

from registry.sdk import Actor, files, link, visible
from registry_sendbig import preferences
from registry_sendbig.models import Blob, File
from registry_sendbig.uploads import scanning


def scanner() -> tuple[str, str]:
    address = preferences.house()["clamd"]
    if not address:
        return "ok", "No virus scanner is set, and files are marked as not scanned: see the settings of SendBig."
    if scanning.answers(address):
        return "ok", "The virus scanner answers."
    return "fault", f"The virus scanner at {address} does not answer: new files are held until it does."


def straight() -> tuple[str, str]:
    """Whether the store lets this site's pages in, asked as a browser asks before it sends a part there."""
    if not preferences.house()["direct_parts"]:
        return "ok", "Browsers send files to this server, not straight to the store."
    addresses = files.direct_addresses()
    if not addresses:
        return (
            "advice",
            "Only a bucket takes files from browsers, and none that are encrypted: they come by here.",
        )
    if shut := [address for address in addresses if not _lets_in(address, link(""))]:
        return "advice", f"{shut[0]} does not let browsers of {link('')} send to it (CORS): files come by here."
    return "ok", "Browsers send files straight to the store."


def _lets_in(bucket: str, site: str) -> bool:
    import urllib3  # loaded when somebody asks: a web process starts without it

    asked = {"Origin": site, "Access-Control-Request-Method": "PUT"}
    try:
        with urllib3.PoolManager(timeout=1, retries=False) as pool:
            answer = pool.request("OPTIONS", f"{bucket}/house/anything", headers=asked)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status < 300 and answer.headers.get("Access-Control-Allow-Origin") in ("*", site)


def files_wait() -> tuple[str, str]:
    """Files that could not be verified, and those whose bytes are gone."""
    stuck = visible(File, Actor.system()).where(File.state == "stuck").count()
    missing = visible(Blob, Actor.system()).where(Blob.missing_at.is_null(False)).count()
    if missing:
        return "fault", f"Files that the store has lost or damaged: {missing}. Run: assetcare sendbig check --deep"
    if stuck:
        return "advice", f"Files that could not be verified for hours, and are held: {stuck}."
    return "ok", "All files are verified."
