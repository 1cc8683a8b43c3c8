"""One sign-in for all threads that need one at the same time, whether it succeeds or fails."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock, Semaphore

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from pulumi_azure_reimage.arm.tokens import SignInInterruptedError
from pulumi_azure_reimage.auth import token_source
from pulumi_azure_reimage.auth.token_source import AzureTokenSource
from pulumi_azure_reimage.errors import ConfigurationError, ReimageError

THREADS = 16
NEVER = 4102444800
# A test waits this long only if something is broken.
PATIENCE = 60


class Credentials:
    """Credentials that return numbered tokens, or fail. Each sign-in is counted."""

    def __init__(self, *failures: Exception | None) -> None:
        self.sign_ins = 0
        self.made = 0
        self._failures = iter(failures)
        self.before_answer = iter(())  # type: Iterator[None]

    def make(self) -> "Credentials":
        """Return a credential."""
        self.made += 1
        return self

    def get_token(self, *_: str, **__: object) -> AccessToken:
        """Return a token, or fail."""
        self.sign_ins += 1
        next(self.before_answer, None)
        failure = next(self._failures, None)
        if failure is not None:
            raise failure
        return AccessToken(f"token-{self.sign_ins}", NEVER)


class WatchedLock:
    """A lock that counts each thread that arrives at it."""

    arrived = Semaphore(0)

    def __init__(self) -> None:
        self._lock = Lock()

    def __enter__(self) -> None:
        """Count the thread, and wait."""
        WatchedLock.arrived.release()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        self._lock.release()


@pytest.fixture
def all_wait(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Return an iterator that yields once all threads wait for the sign-in of the first one."""
    monkeypatch.setattr(WatchedLock, "arrived", Semaphore(0))
    monkeypatch.setattr(token_source, "Lock", WatchedLock)

    def wait() -> Iterator[None]:
        for _ in range(THREADS):
            assert WatchedLock.arrived.acquire(timeout=PATIENCE)
        yield

    return wait()


def in_all_threads(call: object) -> list[Future[str]]:
    """Run a call in all threads at the same time."""
    assert callable(call)
    with ThreadPoolExecutor(THREADS) as pool:
        return [pool.submit(call) for _ in range(THREADS)]


def test_a_revoked_token_of_many_threads_is_replaced_by_one_sign_in() -> None:
    """The token may be refused to one thread after another."""
    credentials = Credentials()
    tokens = AzureTokenSource(credentials.make, "scope")
    revoked = tokens.token()

    got = {ended.result() for ended in in_all_threads(lambda: tokens.replace(revoked))}

    assert got == {"token-2"}
    assert credentials.sign_ins == 2
    # A new credential has an empty cache.
    assert credentials.made == 2


def test_a_claims_challenge_of_many_threads_is_answered_by_one_sign_in() -> None:
    """The existing credential does it, because the claims make it bypass its cache."""
    credentials = Credentials()
    tokens = AzureTokenSource(credentials.make, "scope")
    revoked = tokens.token()

    got = {ended.result() for ended in in_all_threads(lambda: tokens.replace(revoked, claims="{}"))}

    assert got == {"token-2"}
    assert (credentials.sign_ins, credentials.made) == (2, 1)


def test_a_credential_that_returns_the_refused_token_is_called_once_for_all_threads_that_wait(
    all_wait: Iterator[None],
) -> None:
    """The Azure CLI has its own cache, which this package cannot empty."""

    class Cached(Credentials):
        def get_token(self, *scopes: str, **options: object) -> AccessToken:
            super().get_token(*scopes, **options)
            return AccessToken("token-1", NEVER)

    credentials = Cached()
    tokens = AzureTokenSource(credentials.make, "scope")
    revoked = tokens.token()
    assert WatchedLock.arrived.acquire(timeout=PATIENCE)
    credentials.before_answer = all_wait

    got = {ended.result() for ended in in_all_threads(lambda: tokens.replace(revoked))}

    assert got == {"token-1"}
    assert credentials.sign_ins == 2
    tokens.replace("token-1")
    assert credentials.sign_ins == 3


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (ClientAuthenticationError("AADSTS7000222: expired"), ConfigurationError),
        (ServiceRequestError("No connection."), SignInInterruptedError),
    ],
)
def test_all_threads_that_waited_share_a_failure(
    all_wait: Iterator[None], failure: Exception, error: type[ReimageError]
) -> None:
    """Otherwise each thread would try in turn, and the Azure CLI may need 30 s each time."""
    credentials = Credentials(failure)
    tokens = AzureTokenSource(credentials.make, "scope")
    credentials.before_answer = all_wait

    errors = [ended.exception() for ended in in_all_threads(tokens.token)]

    assert {type(each) for each in errors} == {error}
    assert len({str(each) for each in errors}) == 1
    assert len({id(each) for each in errors}) == THREADS
    assert credentials.sign_ins == 1


def test_a_later_thread_does_not_share_a_failure() -> None:
    """The cause may be gone by then."""
    credentials = Credentials(ClientAuthenticationError("AADSTS7000222: expired"))
    tokens = AzureTokenSource(credentials.make, "scope")

    with pytest.raises(ConfigurationError):
        tokens.token()

    assert tokens.token() == "token-2"
