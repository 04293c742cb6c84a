"""The plugins of this process."""

from registry.plugins.host import Host

_host = Host()


def host() -> Host:
    return _host
