"""A fake Microsoft Entra for the sign-in of applications, and the issuers of the tokens that it accepts."""

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.signin.internet import Request, Response

TENANT = "22222222-2222-2222-2222-222222222222"
CLIENT = "33333333-3333-3333-3333-333333333333"
SECRET = "s3cret~of.the-application"  # noqa: S105 - one that only the stand-in knows.
CODES = {"invalid_client": 401, "invalid_request": 400, "unauthorized_client": 400}


@dataclass
class Entra:
    """The tenant, its application, and the tokens that were given out.

    Attributes:
        lifetime: Seconds for which an access token is valid.
        assertions: The assertions that are accepted.
        single_use: Whether each of them is accepted for one sign-in only.
        refusal: The answer to every sign-in, as an OAuth error and a description.
        issued: Each access token and its request, oldest first.
    """

    lifetime: int = 3600
    assertions: set[str] = field(default_factory=set)
    single_use: bool = True
    refusal: tuple[str, str] | None = None
    issued: dict[str, dict[str, str]] = field(default_factory=dict)

    def __call__(self, request: Request) -> Response:
        """Answer one request to a host of Entra."""
        match request.path.strip("/").split("/"):
            case ["common", "discovery", "instance"]:
                # https://learn.microsoft.com/entra/identity-platform names Entra's own authorities.
                return Response(body={"tenant_discovery_endpoint": "", "metadata": []})
            case [tenant, "v2.0", ".well-known", "openid-configuration"]:
                return Response(body=_openid(request.host, tenant))
            case [tenant, "oauth2", "v2.0", "token"]:
                return self._token(tenant, request)
            case _:
                return Response(404)

    def issue(self, asked: dict[str, str]) -> str:
        """Return a new access token."""
        token = f"access-{len(self.issued) + 1}"
        self.issued[token] = asked
        return token

    def _token(self, tenant: str, request: Request) -> Response:
        form = request.form
        refusal = self.refusal or self._refusal(tenant, form)
        if refusal is not None:
            error, text = refusal
            return Response(
                CODES.get(error, 400),
                {"error": error, "error_description": text, "error_codes": [], "correlation_id": "c"},
            )
        token = self.issue({**form, "host": request.host, "tenant": tenant})
        body = {"token_type": "Bearer", "expires_in": self.lifetime, "access_token": token}
        return Response(body=body)

    def _refusal(self, tenant: str, form: dict[str, str]) -> tuple[str, str] | None:
        if tenant != TENANT:
            return "invalid_request", f"AADSTS90002: Tenant '{tenant}' not found."
        if form.get("client_id") != CLIENT:
            return "unauthorized_client", "AADSTS700016: Application was not found in the directory."
        if form.get("client_secret", SECRET) != SECRET:
            return "invalid_client", "AADSTS7000215: Invalid client secret provided."
        assertion = form.get("client_assertion", "")
        if "client_secret" in form or _is_signed_by_the_client(assertion):
            return None
        if assertion not in self.assertions:
            text = "AADSTS700024: Client assertion is not within its valid time range. Assertion: "
            return "invalid_client", f"{text}{assertion}"
        if self.single_use:
            self.assertions.remove(assertion)
        return None


@dataclass
class Issuer:
    """An issuer of assertions, such as GitHub Actions, Azure DevOps or a cluster. Each assertion is new."""

    entra: Entra
    given: int = 0

    def assertion(self) -> str:
        """Return an assertion that Entra accepts once."""
        self.given += 1
        assertion = f"assertion-{self.given}"
        self.entra.assertions.add(assertion)
        return assertion

    def write(self, file: Path) -> None:
        """Write a new assertion to a file, as a cluster does when it rotates them."""
        file.write_text(f"{self.assertion()}\n")

    def github(self, request: Request) -> Response:
        """Answer as the runner's service does."""
        if (
            request.method != "GET"
            or request.bearer != "bearer-of-the-job"
            or request.query.get("keep") != "this"
        ):
            return Response(401, {"message": f"not authorized: {request.bearer}"})
        return Response(body={"value": self.assertion(), "count": 1})

    def azure_devops(self, request: Request) -> Response:
        """Answer as Azure Pipelines does."""
        asked = (request.method, request.bearer, request.query.get("serviceConnectionId"))
        if asked != ("POST", "system", "connection") or request.query.get("api-version") != "7.1":
            return Response(302, headers={"Location": "https://login.example/"})
        return Response(body={"oidcToken": self.assertion()})


@dataclass
class Machine:
    """The instance metadata service of the machine that Pulumi runs on."""

    entra: Entra

    def __call__(self, request: Request) -> Response:
        """Answer as 169.254.169.254 does."""
        if request.headers.get("metadata") != "true":
            return Response(400, {"error": "invalid_request", "error_description": "no Metadata header"})
        token = self.entra.issue({**request.query, "host": request.host})
        body = {
            "access_token": token,
            "expires_in": "3600",
            "expires_on": "4102444800",
            "token_type": "Bearer",
        }
        return Response(body={**body, "resource": request.query.get("resource", "")})


def _openid(host: str, tenant: str) -> dict[str, object]:
    base = f"https://{host}/{tenant}"
    return {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
    }


def _is_signed_by_the_client(assertion: str) -> bool:
    """Report whether it is a JWT of the client about itself, signed with a certificate."""
    try:
        encoded = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (IndexError, ValueError):
        return False
    return bool(claims["iss"] == claims["sub"] == CLIENT)
