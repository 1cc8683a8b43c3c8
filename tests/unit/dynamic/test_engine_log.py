"""The engine's log, over gRPC: messages on the row of a component, and whether the engine answers."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from pulumi_azure_reimage.dynamic.engine_log import ComponentRow, EngineLog, StderrLog, engine_log

from ..stack import COMPONENT


class Engine(engine_pb2_grpc.EngineServicer):
    """The part of the engine that a provider talks to.

    Attributes:
        logged: The messages that it was sent.
        answers: Set once it may answer.
    """

    def __init__(self) -> None:
        self.logged: list[engine_pb2.LogRequest] = []
        self.answers = Event()
        self.answers.set()

    def Log(self, request: engine_pb2.LogRequest, _context: grpc.ServicerContext) -> Empty:  # noqa: N802 - of the protocol.
        """Record a message."""
        self.logged.append(request)
        return Empty()

    def GetRootResource(  # noqa: N802 - of the protocol.
        self, _request: engine_pb2.GetRootResourceRequest, _context: grpc.ServicerContext
    ) -> engine_pb2.GetRootResourceResponse:
        """Answer as soon as it may."""
        self.answers.wait()
        return engine_pb2.GetRootResourceResponse()


class Server:
    """A gRPC server on a socket file of this test, because unit tests have no network."""

    def __init__(self, engine: engine_pb2_grpc.EngineServicer, path: Path) -> None:
        self._server = grpc.server(ThreadPoolExecutor(2))
        engine_pb2_grpc.add_EngineServicer_to_server(engine, self._server)
        self.address = f"unix:{path}"
        self._server.add_insecure_port(self.address)
        self._server.start()

    def end(self) -> None:
        """Stop the server."""
        self._server.stop(None).wait()


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Return an engine that answers. At the end of the test, every call gets its answer."""
    made = Engine()
    yield made
    made.answers.set()


@pytest.fixture
def server(engine: Engine, tmp_path: Path) -> Iterator[Server]:
    """Return a server with the engine."""
    started = Server(engine, tmp_path / "engine")
    yield started
    engine.answers.set()
    started.end()


def test_an_engine_that_answers_is_heard(server: Server) -> None:
    """The call that checks this has no effect on the run."""
    assert EngineLog(server.address).is_heard()


def test_an_engine_that_does_not_answer_is_not_heard(server: Server, engine: Engine) -> None:
    """Its process may be suspended."""
    engine.answers.clear()

    assert not EngineLog(server.address, answers_within=0.1).is_heard()


def test_an_engine_that_is_gone_is_not_heard(server: Server) -> None:
    """An earlier answer does not count."""
    log = EngineLog(server.address)
    before = log.is_heard()

    server.end()

    assert (before, log.is_heard()) == (True, False)


def test_an_engine_that_was_never_there_is_not_heard(tmp_path: Path) -> None:
    """No process listens at its address."""
    assert not EngineLog(f"unix:{tmp_path / 'nothing'}").is_heard()


def test_an_engine_that_does_not_know_the_call_is_heard(tmp_path: Path) -> None:
    """Its refusal of the call is an answer."""
    server = Server(engine_pb2_grpc.EngineServicer(), tmp_path / "engine")

    assert EngineLog(server.address).is_heard()

    server.end()


def test_messages_reach_the_row_of_their_component(server: Server, engine: Engine) -> None:
    """The next status line may replace a status line, but a message stays."""
    row = ComponentRow(EngineLog(server.address), COMPONENT)

    row.warn("a warning")
    row.inform("a message")
    row.progress("a status")

    assert [(sent.message, sent.severity, sent.ephemeral) for sent in engine.logged] == [
        ("a warning", engine_pb2.WARNING, False),
        ("a message", engine_pb2.INFO, False),
        ("a status", engine_pb2.INFO, True),
    ]
    assert {sent.urn for sent in engine.logged} == {COMPONENT}


def test_what_is_said_once_is_sent_once(server: Server, engine: Engine) -> None:
    """The number of machines does not matter."""
    log = EngineLog(server.address)

    log.warn_once("the same")
    log.warn_once("the same")
    log.warn_once("another")

    assert [(sent.message, sent.urn) for sent in engine.logged] == [("the same", ""), ("another", "")]


def test_a_message_for_an_engine_that_is_gone_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message that cannot be sent must not stop a wait."""
    EngineLog(f"unix:{tmp_path / 'nothing'}").warn("It is said all the same.")

    assert capsys.readouterr().err == "It is said all the same.\n"


def test_without_an_engine_messages_are_printed_and_sending_is_allowed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A status line that cannot be replaced would only be noise."""
    printed = StderrLog()

    printed.warn("a warning", COMPONENT)
    printed.inform("a message", COMPONENT)
    printed.warn_once("once")
    printed.progress("a status", COMPONENT)

    assert capsys.readouterr().err == "a warning\na message\nonce\n"
    assert printed.is_heard()


@pytest.mark.parametrize("arguments", [[], ["host"], ["host", "nonsense"], ["host", "http://a:1/"]])
def test_a_process_without_the_address_of_an_engine_prints(arguments: list[str]) -> None:
    """A program that loads the package itself is such a process."""
    assert isinstance(engine_log(arguments), StderrLog)


def test_the_providers_of_a_process_share_one_log() -> None:
    """What is said once a run is then said once for all three."""
    one, other = engine_log(["host", "127.0.0.1:1"]), engine_log(["host", "127.0.0.1:1"])

    assert isinstance(one, EngineLog)
    assert one is other
