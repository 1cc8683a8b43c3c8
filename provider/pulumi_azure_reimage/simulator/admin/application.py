"""The admin API over HTTP: addresses, methods, and answers as JSON or as the page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from ..errors import SimulatorError
from ..http.messages import Request, Response, empty_response, json_response
from .commands import READS, WRITES
from .errors import AdminError
from .page import render_page
from .parameters import Parameters
from .visitors import check_visitor

if TYPE_CHECKING:
    from ..simulator import Simulator

ROOT = "/_simulator"
_STATIC = {"page.css": "text/css", "page.js": "text/javascript"}
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not `no-referrer`, under which browsers send `Origin: null` with a form.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Application:
    """Answers `/_simulator/`, and passes every other address to the simulated ARM.

    Attributes:
        is_open: Whether the admin API is served. It is refused to everyone if other machines can reach the
            server.
        authority: The certificate that clients of a server with TLS trust, in PEM.
    """

    simulator: Simulator
    is_open: bool = True
    authority: str | None = None

    def handle(self, request: Request) -> Response:
        """Answer one request.

        Raises:
            ConnectionCutError: A script breaks a connection to the simulated ARM.
        """
        url = urlsplit(request.url)
        if url.path != ROOT and not url.path.startswith(f"{ROOT}/"):
            return self.simulator.handle(request)
        try:
            response = self._answer(request, url)
        except SimulatorError as error:
            response = self._refuse(request, AdminError.of(error))
        length = {"content-length": str(len(response.body))}
        return replace(response, headers={**_HEADERS, **response.headers, **length})

    def _answer(self, request: Request, url: SplitResult) -> Response:
        if not self.is_open:
            raise AdminError(403, "NotOnLoopback", "The admin API is served on loopback addresses only.")
        check_visitor(request)
        name = url.path.removeprefix(ROOT).strip("/")
        if request.method == "GET":
            return self._read(name, url)
        if request.method == "POST" and name in WRITES:
            return self._write(name, request)
        known = name in READS or name in WRITES or name in {"", "ca.pem", *_STATIC}
        raise _wrong_method(request.method, name) if known else _unknown(name)

    def _read(self, name: str, url: SplitResult) -> Response:
        if name in READS:
            given = Parameters.of_query(url.query)
            given.refuse_unknown(READS[name].keys)
            return json_response(HTTPStatus.OK, READS[name].run(self.simulator, given))
        if name in _STATIC:
            return _document(_STATIC[name], files(__package__).joinpath("static", name).read_text("utf-8"))
        if name == "ca.pem" and self.authority is not None:
            return _document("application/x-pem-file", self.authority)
        if name in WRITES:
            raise _wrong_method("GET", name)
        if name:
            raise _unknown(name)
        if not url.path.endswith("/"):  # The page's own addresses are relative to the folder.
            return empty_response(HTTPStatus.PERMANENT_REDIRECT, {"location": f"{ROOT}/"})
        return self._page(Parameters.of_query(url.query))

    def _write(self, name: str, request: Request) -> Response:
        given = Parameters.of_body(request)
        given.refuse_unknown(WRITES[name].keys)
        result = WRITES[name].run(self.simulator, given)
        if _is_browser(request):
            return empty_response(HTTPStatus.SEE_OTHER, {"location": f"{ROOT}/"})
        return json_response(HTTPStatus.OK, result)

    def _refuse(self, request: Request, error: AdminError) -> Response:
        if _is_browser(request) and self.is_open and error.status != HTTPStatus.FORBIDDEN:
            page = self._page(Parameters({}), str(error))
            return replace(page, status=error.status)
        return json_response(error.status, error.document())

    def _page(self, given: Parameters, error: str = "") -> Response:
        overview = self.simulator.overview()
        return _document("text/html", render_page(overview, given.optional_text("name") or "", error))


def _is_browser(request: Request) -> bool:
    return "text/html" in (request.header("accept") or "")


def _document(content_type: str, text: str) -> Response:
    return Response(HTTPStatus.OK, {"content-type": f"{content_type}; charset=utf-8"}, text.encode())


def _unknown(name: str) -> AdminError:
    listed = ", ".join(sorted({*READS, *WRITES}))
    return AdminError(404, "UnknownAddress", f"There is no {ROOT}/{name}; there are: {listed}.")


def _wrong_method(method: str, name: str) -> AdminError:
    right = " or ".join(
        verb for verb, names in (("GET", {"", "ca.pem", *_STATIC, *READS}), ("POST", WRITES)) if name in names
    )
    return AdminError(405, "WrongMethod", f"{ROOT}/{name} answers {right}, not {method}.")
