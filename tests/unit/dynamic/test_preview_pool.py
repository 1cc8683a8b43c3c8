"""The previews that have begun: there is one for each component, and each is awaited once."""

from threading import Barrier, BrokenBarrierError, Event

import pytest

from pulumi_azure_reimage.dynamic.preview_pool import PreviewPool

# This is longer than any of these tests. Only a broken test waits this long.
_LONGEST = 30.0


def nothing() -> None:
    """Preview nothing, and return immediately."""


def broken() -> None:
    """Preview a refusal."""
    raise ZeroDivisionError


def test_a_preview_that_has_begun_cannot_begin_again() -> None:
    """Its second run would show every message twice."""
    pool = PreviewPool()
    pool.begin("web", "subject", nothing)

    with pytest.raises(RuntimeError, match="preview of web was begun twice"):
        pool.begin("web", "subject", broken)

    pool.wait("web")


@pytest.mark.parametrize(
    ("urn", "subject", "begun"),
    [("web", "second", True), ("web", "first", False), ("web", "third", False), ("db", "second", False)],
)
def test_only_the_latest_preview_of_a_component_has_begun(urn: str, subject: str, *, begun: bool) -> None:
    """Other inputs are another subject, and their preview replaces the earlier one."""
    pool = PreviewPool()
    pool.begin("web", "first", broken)
    pool.begin("web", "second", nothing)

    assert pool.has_begun(urn, subject) is begun
    pool.wait("web")


def test_what_a_preview_raises_is_raised_once_and_by_its_own_component() -> None:
    """Afterwards the component may be previewed again, even with the same subject."""
    pool = PreviewPool()
    pool.begin("web", "subject", broken)
    pool.begin("db", "subject", nothing)

    pool.wait("db")
    with pytest.raises(ZeroDivisionError):
        pool.wait("web")
    pool.wait("web")

    assert not pool.has_begun("web", "subject")
    pool.begin("web", "subject", nothing)


def test_waiting_for_a_component_without_a_preview_returns() -> None:
    """Most components have none, because nothing changed."""
    PreviewPool().wait("web")


def test_a_preview_runs_beside_what_began_it() -> None:
    """`begin` returns before the preview ends, and `wait` does not."""
    pool, may_end, ended = PreviewPool(), Event(), Event()

    def preview() -> None:
        assert may_end.wait(_LONGEST)
        ended.set()

    pool.begin("web", "subject", preview)
    before = ended.is_set()
    may_end.set()
    pool.wait("web")

    assert (before, ended.is_set()) == (False, True)


def test_sixteen_components_are_previewed_at_the_same_time_and_the_others_after_them() -> None:
    """Each preview ends once fifteen others run, so with fewer at a time none would ever end."""
    pool, together, components = PreviewPool(), Barrier(16), [f"web-{number}" for number in range(160)]

    def preview() -> None:
        try:
            together.wait(_LONGEST)
        except BrokenBarrierError:
            raise AssertionError("Fewer than sixteen previews run at a time.") from None

    for component in components:
        pool.begin(component, "subject", preview)
    for component in components:
        pool.wait(component)

    assert not any(pool.has_begun(component, "subject") for component in components)


def test_two_pools_do_not_see_each_other() -> None:
    """Two runs in one process, such as those of a test, may preview the same component."""
    one, other = PreviewPool(), PreviewPool()
    one.begin("web", "subject", broken)

    assert not other.has_begun("web", "subject")
    other.begin("web", "subject", nothing)
    other.wait("web")
    with pytest.raises(ZeroDivisionError):
        one.wait("web")
