"""None of the three resources ever prints or keeps a secret that its inputs hold or name.

Azure may quote what it was sent in any answer: to ReimageRequest's look, to ReimageOperation's POST, and in
the end of the operation that ReimageResult waits for.
"""

import base64
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pulumi_azure_reimage.errors import ReimageError
from pulumi_azure_reimage.redact import MASK
from pulumi_azure_reimage.simulator import Simulator

from ..fakes import FakeClock
from ..stack import FakeHost, Stack

PASSWORD = "Tr0ub4dor&3-secret"  # noqa: S105 - a password to look for.
PLAIN = "#cloud-config with hunter2"
ENCODED = base64.b64encode(PLAIN.encode()).decode()
BINARY = base64.b64encode(random.Random(2).randbytes(1125)).decode()  # noqa: S311 - any bytes.
SIGNS = {"admin_password": "P@ss+w!rd(1)"}
VARIABLE = "NEW_PASSWORD"
BEFORE, AFTER = {"image": 1}, {"image": 2}

Given = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret input.

    Attributes:
        given: The members of `os_profile`, in which `{folder}` stands for a folder with the file.
        quoted: What Azure quotes of it.
    """

    given: Mapping[str, str]
    quoted: str


SECRETS = [
    pytest.param(Secret({"admin_password": PASSWORD}, PASSWORD), id="password"),
    pytest.param(Secret({"admin_password_env": VARIABLE}, PASSWORD), id="password in a variable"),
    pytest.param(Secret({"custom_data": ENCODED}, ENCODED), id="custom data"),
    pytest.param(Secret({"custom_data": ENCODED}, PLAIN), id="custom data, decoded"),
    pytest.param(Secret({"custom_data_file": "{folder}/user-data"}, ENCODED), id="custom data in a file"),
    pytest.param(Secret({"custom_data_file": "{folder}/user-data"}, PLAIN), id="a file, as it is"),
    pytest.param(Secret(SIGNS, "P%40ss+w!rd(1)"), id="a password, partly encoded"),
    pytest.param(Secret(SIGNS, "P&#64;ss+w!rd(1)"), id="a password with an entity"),
    pytest.param(Secret({"custom_data_file": "{folder}/binary"}, BINARY[:889]), id="a binary file, cut"),
    pytest.param(Secret({"custom_data": BINARY}, f"{BINARY[:76]} {BINARY[76:152]}"), id="wrapped base64"),
    pytest.param(Secret({"custom_data_file": "{folder}/lines"}, "token: hunter2-4711"), id="a line"),
]

# For each resource, the simulator's script that makes Azure quote a text to it.
QUOTES: Mapping[str, Callable[[str], str]] = {
    "request": lambda text: f"GET 1+ web: 403 AuthorizationFailed {json.dumps(text)}",
    "operation": lambda text: f"POST web: 400 InvalidParameter {json.dumps(text)}",
    "result": lambda text: f"reimage web: fail AllocationFailed {json.dumps(text)}",
}


class Watched(Stack):
    """A stack in an environment with a password. Everything that a user could see is recorded."""

    def __init__(self, inventory: Path, clock: FakeClock) -> None:
        self.printed: list[str] = []
        super().__init__(inventory, clock)

    def restart(self) -> None:
        """Begin another run, and record what the last one printed."""
        self.note()
        super().restart()
        for resource in (self.request, self.operation, self.result):
            resource.provider.session.environ = {VARIABLE: PASSWORD}

    def note(self) -> None:
        """Record what this run has printed so far."""
        log = self.log
        self.printed += [*log.warnings, *log.informed, *log.progressed, *self.refused]

    def run(self, step: Callable[..., object], **inputs: object) -> None:
        """Run a step, which may fail with one of our errors."""
        try:
            step(**inputs)
        except ReimageError as error:
            self.printed.append(str(error))
        self.note()

    def decide_and_be_killed(self, **inputs: object) -> None:
        """Begin an `up` that is killed before ReimageOperation sends."""
        self.restart()
        self.request.apply(self.inputs(inputs))

    @property
    def kept(self) -> str:
        """The outputs of the three resources."""
        return json.dumps([self.request.outputs, self.operation.outputs, self.result.outputs])


@pytest.fixture
def watched(inventory: Path, clock: FakeClock) -> Watched:
    """Return a stack in which nothing has been created yet."""
    return Watched(inventory, clock)


@pytest.fixture
def given(tmp_path: Path) -> Callable[[Secret], Given]:
    """Return a function that makes the inputs with a secret, whose files exist."""
    (tmp_path / "user-data").write_text(PLAIN)
    (tmp_path / "binary").write_bytes(base64.b64decode(BINARY))
    (tmp_path / "lines").write_text("#cloud-config\npackages: [nginx]\ntoken: hunter2-4711\n")
    return lambda secret: {
        "os_profile": {name: text.format(folder=tmp_path) for name, text in secret.given.items()}
    }


def shown(watched: Watched, secret: Secret) -> list[str]:
    """Return the printed and kept texts that contain the secret."""
    return [text for text in (*watched.printed, watched.kept) if secret.quoted in text]


@pytest.mark.parametrize("resource", QUOTES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_first_run_prints_and_keeps_no_secret(
    watched: Watched,
    simulator: Simulator,
    given: Callable[[Secret], Given],
    secret: Secret,
    resource: str,
) -> None:
    """The previews and updates that follow print what was kept, and show no secret either."""
    inputs = given(secret)
    watched.up(triggers=BEFORE, **inputs)
    simulator.script(QUOTES[resource](f"Azure quotes {secret.quoted} here."))

    watched.run(watched.up, triggers=AFTER, **inputs)
    first = list(watched.printed)
    watched.run(watched.preview, triggers=AFTER, **inputs)
    watched.run(watched.up, triggers=AFTER, **inputs)

    assert shown(watched, secret) == []
    assert any(f"quotes {MASK} here" in text for text in first)


# How far a run comes before it is killed, for each resource that continues.
BEGUN: Mapping[str, Callable[..., None]] = {
    "request": Watched.begin,
    "operation": Watched.decide_and_be_killed,
    "result": Watched.begin,
}


@pytest.mark.parametrize("resource", QUOTES)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_run_after_a_killed_one_prints_and_keeps_no_secret(
    watched: Watched,
    simulator: Simulator,
    given: Callable[[Secret], Given],
    secret: Secret,
    resource: str,
) -> None:
    """It has only the stack's state and today's inputs."""
    inputs = given(secret)
    watched.up(triggers=BEFORE, **inputs)
    simulator.script(QUOTES[resource](f"Azure quotes {secret.quoted} here."))
    watched.run(partial(BEGUN[resource], watched), triggers=AFTER, **inputs)
    killed = list(watched.printed)

    watched.run(watched.preview, triggers=AFTER, **inputs)
    watched.run(watched.up, triggers=AFTER, **inputs)

    assert shown(watched, secret) == []
    assert any(f"quotes {MASK} here" in text for text in watched.printed[len(killed) :])


@pytest.mark.parametrize("secret", SECRETS)
def test_a_creation_prints_no_secret(
    watched: Watched, simulator: Simulator, given: Callable[[Secret], Given], secret: Secret
) -> None:
    """With `reimage_on_create`, the first run sends, and each resource fails in its `create`."""
    inputs = {**given(secret), "reimage_on_create": True, "triggers": BEFORE}
    for quote in (QUOTES["request"], QUOTES["operation"], QUOTES["result"]):
        simulator.clear_script()
        simulator.script(quote(f"Azure quotes {secret.quoted} here."))
        watched.run(watched.preview, **inputs)
        watched.run(watched.up, **inputs)

        assert any(f"quotes {MASK} here" in text for text in watched.printed)
        assert shown(watched, secret) == []
        watched.printed.clear()


@pytest.mark.parametrize("quote", QUOTES.values(), ids=QUOTES)
def test_no_part_of_a_long_secret_is_printed_or_kept(
    quote: Callable[[str], str], tmp_path: Path, inventory: Path, simulator: Simulator, clock: FakeClock
) -> None:
    """Azure's texts are cut, and the rest of a secret in them would not be recognised any more."""
    content = "\n".join(f"secret_{number}: Hidden{number}" for number in range(300))
    (tmp_path / "user-data").write_text(content)
    inputs = {"os_profile": {"custom_data_file": str(tmp_path / "user-data")}}
    stack = Watched(inventory, clock)
    stack.up(triggers=BEFORE, **inputs)
    simulator.script(quote(f"This is wrong: {content}"))

    with pytest.raises(ReimageError) as caught:
        stack.up(triggers=AFTER, **inputs)

    stack.note()
    kept = [resource.outputs for resource in (stack.request, stack.operation, stack.result)]
    seen = json.dumps([str(caught.value), stack.printed, kept, FakeHost.kept], default=str)
    assert "This is wrong" in seen
    assert "Hidden" not in seen
