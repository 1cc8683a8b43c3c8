"""Certificates for one test run, from an authority that only this run trusts."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """A certificate authority that is thrown away at the end."""

    def __init__(self) -> None:
        self._ca = trustme.CA()

    def server(self, name: str) -> ssl.SSLContext:
        """Return the TLS context of a server with that name."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._ca.issue_cert(name).configure_cert(context)
        return context

    def write(self, folder: Path) -> Path:
        """Return a file with the certificate of this authority, to be trusted."""
        path = folder / "authority.pem"
        self._ca.cert_pem.write_to_path(str(path))
        return path

    def trusted(self) -> ssl.SSLContext:
        """Return the TLS context of a client that trusts this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._ca.configure_trust(context)
        return context
