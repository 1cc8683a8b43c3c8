"""The command that serves a simulator until it is interrupted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SimulatorError
from ..serving import ServeOptions, make_server

if TYPE_CHECKING:
    import argparse

    from ..http.server import RunningServer
    from ..simulator import Simulator
    from .output import Output

_CERTIFICATE = """\
CA certificate, which clients must trust: {path}
  (curl --cacert, SSL_CERT_FILE, REQUESTS_CA_BUNDLE, NODE_EXTRA_CA_CERTS)
{authority}"""


def serve(simulator: Simulator, options: argparse.Namespace, output: Output) -> None:
    """Answer over HTTP, or over HTTPS with a certificate."""
    served = ServeOptions(
        host=options.host,
        port=options.port,
        tls=options.tls,
        certificate=options.certificate,
        key=options.key,
        access_log=sys.stderr if options.access_log else None,
    )
    _check_pairs(options)
    if options.listed_api_versions:
        simulator.refuse_unlisted_api_versions()
    try:
        server, running = make_server(simulator, served)
    except OSError as error:  # An address that is in use, or a file that is not a certificate.
        reason = error.strerror or error
        raise SimulatorError(f"cannot serve on {options.host} port {options.port}: {reason}") from error
    with server:
        _announce(running, options, output)
        server.serve_forever()


def _check_pairs(options: argparse.Namespace) -> None:
    """Refuse an option that has no effect without another one."""
    if options.key is not None and options.certificate is None:
        raise SimulatorError("--key needs --certificate")
    if options.ca_file is not None and not options.tls:
        raise SimulatorError("--ca-file needs --tls")


def _announce(running: RunningServer, options: argparse.Namespace, output: Output) -> None:
    page = f"{running.url}/_simulator/"
    if running.authority is None:
        output.say(f"{running.url}\npage and admin API: {page}", {"url": running.url, "page": page})
        return
    path = _authority_path(options)
    try:
        path.write_text(running.authority, encoding="ascii")
    except OSError as error:
        raise SimulatorError(f"{path}: the CA certificate cannot be written: {error.strerror}") from error
    said = _CERTIFICATE.format(path=path, authority=running.authority.rstrip())
    output.say(
        f"{running.url}\npage and admin API: {page}\n{said}",
        {"url": running.url, "page": page, "authorityFile": str(path), "authority": running.authority},
    )


def _authority_path(options: argparse.Namespace) -> Path:
    """Return where the CA's certificate is written: the given file, or one next to the inventory."""
    if options.ca_file is not None:
        return Path(options.ca_file).absolute()
    beside = options.inventory or Path("simulator")
    return Path(beside).with_suffix(".ca.pem").absolute()
