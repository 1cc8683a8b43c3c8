"""The input `os_profile`: its rules. No message about it shows its content."""

import base64
import os
from pathlib import Path

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.os_profile import PASSWORD_LENGTHS, OsProfile, check_os_profile
from pulumi_azure_reimage.inputs.unknown import UNKNOWN

LIMIT = 65_535
GOOD = "Correct-horse-1"
ENVIRON = {"VM_PASSWORD": "Correct-horse-2", "WEAK": "hunter2"}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _sentences(os_profile: object) -> list[str]:
    return list(check_os_profile(os_profile, ENVIRON))


def _sent(os_profile: object, environ: dict[str, str] = ENVIRON) -> dict[str, object]:
    profile = OsProfile.parse(os_profile, environ)
    return profile.resolved().to_arm() if profile else {}


def _secrets(os_profile: object) -> tuple[str, ...]:
    profile = OsProfile.parse(os_profile, ENVIRON)
    return profile.secrets if profile else ()


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("Abc12!", id="shortest"),
        pytest.param("Ab1" * 41, id="longest"),
        pytest.param("abc-123", id="no upper case"),
        pytest.param("ABC-123", id="no lower case"),
        pytest.param("Abc-def", id="no digit"),
        pytest.param("Abc123", id="no special character"),
        pytest.param("Abc_def", id="underscore is special"),
        pytest.param("Abc def", id="space is special"),
        pytest.param("Äbc-def", id="letters of other alphabets"),
        pytest.param("password1!", id="much like a disallowed one"),
        pytest.param("p@$$w0rd", id="disallowed in another case"),
        pytest.param("P@$$w 0rd", id="disallowed with a space"),
    ],
)
def test_a_password_that_azure_allows_is_accepted(password: str) -> None:
    """The rules are those of Azure, and not of a policy."""
    assert _sentences({"admin_password": password}) == []


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        pytest.param("", "6 to 123 characters", id="empty"),
        pytest.param("Ab1!x", "6 to 123 characters", id="too short"),
        pytest.param("Ab1!" * 31, "6 to 123 characters", id="too long"),
        pytest.param("abcdefgh", "3 of these 4", id="one class"),
        pytest.param("abcdefg1", "3 of these 4", id="two classes"),
        pytest.param("password!", "3 of these 4", id="lower case and special"),
        pytest.param(123456.0, "is a number, and must be a string", id="number"),
        pytest.param(["Ab1!xyz"], "is a list, and must be a string", id="list"),
        pytest.param("abc@123", "does not allow", id="disallowed 1"),
        pytest.param("P@$$w0rd", "does not allow", id="disallowed 2"),
        pytest.param("P@ssw0rd", "does not allow", id="disallowed 3"),
        pytest.param("P@ssword123", "does not allow", id="disallowed 4"),
        pytest.param("Pa$$word", "does not allow", id="disallowed 5"),
        pytest.param("pass@word1", "does not allow", id="disallowed 6"),
        pytest.param("Password!", "does not allow", id="disallowed 7"),
        pytest.param("Password1", "does not allow", id="disallowed 8"),
        pytest.param("Password22", "does not allow", id="disallowed 9"),
        pytest.param("iloveyou!", "3 of these 4", id="disallowed 10"),
    ],
)
def test_a_password_that_azure_does_not_allow_is_refused(password: object, reason: str) -> None:
    """Azure would refuse it after minutes, or accept it and fail."""
    (sentence,) = _sentences({"admin_password": password})

    assert sentence.startswith("os_profile.admin_password ")
    assert reason in sentence


@pytest.mark.parametrize(
    "custom_data",
    [
        pytest.param(_base64(b"#cloud-config\n"), id="cloud-init"),
        pytest.param(_base64(b"\xfb\xff"), id="plus and slash"),
        pytest.param(_base64(bytes(LIMIT)), id="largest"),
    ],
)
def test_custom_data_in_base64_is_accepted(custom_data: str) -> None:
    """It must be base64 as in RFC 4648."""
    assert _sentences({"custom_data": custom_data}) == []


@pytest.mark.parametrize(
    ("custom_data", "reason"),
    [
        pytest.param("#cloud-config\n", "must be base64", id="plain content"),
        pytest.param("dGVzdA", "must be base64", id="no padding"),
        pytest.param("dGVzdA===", "must be base64", id="too much padding"),
        pytest.param("dGVz\ndA==", "must be base64", id="line break"),
        pytest.param(" dGVzdA==", "must be base64", id="space"),
        pytest.param("-_-_", "must be base64", id="URL-safe alphabet"),
        pytest.param("dGVzdB==", "must be base64", id="stray bits"),
        pytest.param("größe", "must be base64", id="not ASCII"),
        pytest.param(7.0, "is a number, and must be a string in base64", id="number"),
        pytest.param("", "is empty", id="empty"),
        pytest.param(_base64(bytes(LIMIT + 1)), "at most 65535 bytes, and this is 65536", id="too large"),
    ],
)
def test_other_custom_data_is_refused(custom_data: object, reason: str) -> None:
    """A strict server would refuse it, and a lenient one would write different bytes to the machine."""
    (sentence,) = _sentences({"custom_data": custom_data})

    assert sentence.startswith("os_profile.custom_data ")
    assert reason in sentence


@pytest.mark.parametrize(
    ("size", "reason"), [(1, None), (LIMIT, None), (0, "empty file"), (LIMIT + 1, "at most 65535 bytes")]
)
def test_a_custom_data_file_has_azures_size(tmp_path: Path, size: int, reason: str | None) -> None:
    """The limit counts the plain content."""
    file = tmp_path / "user-data"
    file.write_bytes(bytes(size))

    sentences = _sentences({"custom_data_file": str(file)})

    assert len(sentences) == (reason is not None)
    assert all(str(reason) in sentence for sentence in sentences)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        pytest.param("missing", "No such file", id="missing"),
        pytest.param("", "regular file", id="folder"),
        pytest.param("nul\x00l", "null character", id="null character"),
        pytest.param("x" * 5000, "too long", id="long name"),
    ],
)
def test_a_custom_data_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    """The error comes at the best moment, because nothing was sent yet."""
    (sentence,) = _sentences({"custom_data_file": f"{tmp_path}/{name}"})

    assert sentence.startswith("os_profile.custom_data_file ")
    assert reason in sentence


def test_a_custom_data_file_must_be_named_by_a_text() -> None:
    """Pulumi's assets do not work here."""
    assert _sentences({"custom_data_file": 7.0}) == [
        "os_profile.custom_data_file is a number, and must be the name of a file as a string."
    ]


def test_a_relative_custom_data_file_starts_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under Pulumi, that is the folder of the program."""
    (tmp_path / "user-data").write_text("#cloud-config\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert _sentences({"custom_data_file": "user-data"}) == []
    assert _sent({"custom_data_file": "user-data"}) == {"customData": _base64(b"#cloud-config\n")}


@pytest.mark.parametrize(
    ("os_profile", "sentences"),
    [
        pytest.param({}, [], id="empty"),
        pytest.param({"admin_password": None, "custom_data": None}, [], id="nothing set"),
        pytest.param(
            "x",
            [
                (
                    "os_profile is a string, and must be a mapping with the fields "
                    "admin_password, admin_password_env, custom_data, custom_data_file."
                )
            ],
            id="text",
        ),
        pytest.param(
            {"adminPassword": GOOD},
            ["os_profile has a field that does not exist; did you mean admin_password?"],
            id="ARM's spelling",
        ),
        pytest.param(
            {"zzz": GOOD},
            [
                (
                    "os_profile has a field that does not exist; its fields are "
                    "admin_password, admin_password_env, custom_data, custom_data_file."
                )
            ],
            id="another field",
        ),
        pytest.param({"zzz": None}, [], id="another field that is null"),
        pytest.param(
            {"custom_data": "dGVzdA==", "custom_data_file": __file__},
            ["os_profile has both custom_data and custom_data_file; give one of them."],
            id="both kinds of custom data",
        ),
        pytest.param(
            {"custom_data": UNKNOWN, "custom_data_file": __file__}, [], id="one of both is not known yet"
        ),
        pytest.param({"admin_password": UNKNOWN, "custom_data": UNKNOWN}, [], id="not known yet"),
    ],
)
def test_the_fields_are_checked_together(os_profile: object, sentences: list[str]) -> None:
    """Fields that are absent or that a preview does not know yet break no rule."""
    assert _sentences(os_profile) == sentences


@pytest.mark.parametrize(
    "os_profile",
    [
        "hunter2hunter2",
        ["hunter2hunter2"],
        {"hunter2hunter2": 1},
        {"admin_password": "hunter2hunter2"},
        {"admin_password": "hunter2" * 20},
        {"admin_password": ["hunter2"]},
        {"custom_data": "hunter2!"},
        {"custom_data": _base64(b"hunter2" * 10_000)},
        {"custom_data_file": "/hunter2/hunter2"},
        {"custom_data_file": "hunter2" * 1000},
        {"custom_data_file": "hunter2\x00"},
        {"custom_data_file": {"hunter2": 1}},
        {"custom_data": "hunter2!", "custom_data_file": "/hunter2"},
    ],
)
def test_no_sentence_shows_anything_of_the_os_profile(os_profile: object) -> None:
    """Everything in it counts as secret, including the names of files and of unknown fields."""
    sentences = _sentences(os_profile)

    assert sentences
    assert not [sentence for sentence in sentences if "hunter2" in sentence or "aHVudGVy" in sentence]


@pytest.mark.parametrize(
    ("os_profile", "body"),
    [
        pytest.param({}, {}, id="empty"),
        pytest.param({"admin_password": None}, {}, id="null"),
        pytest.param({"admin_password": GOOD}, {"adminPassword": GOOD}, id="password"),
        pytest.param({"custom_data": "dGVzdA=="}, {"customData": "dGVzdA=="}, id="custom data"),
        pytest.param(
            {"admin_password": GOOD, "custom_data": "dGVzdA==", "custom_data_file": None},
            {"adminPassword": GOOD, "customData": "dGVzdA=="},
            id="both",
        ),
    ],
)
def test_the_os_profile_is_sent_as_arm_spells_it(os_profile: dict[str, object], body: object) -> None:
    """Only what is set is sent."""
    assert _sent(os_profile) == body


def test_the_content_of_a_file_is_sent_as_it_is(tmp_path: Path) -> None:
    """Line endings and encoding reach the machine unchanged."""
    file = tmp_path / "user-data"
    file.write_bytes(b"#!/bin/sh\r\n\x00\xff")

    body = _sent({"custom_data_file": str(file)})

    assert body == {"customData": _base64(b"#!/bin/sh\r\n\x00\xff")}


def test_a_file_that_vanished_since_the_check_is_refused_without_its_name(tmp_path: Path) -> None:
    """There may be hours between a preview and the update."""
    with pytest.raises(InvalidInputError, match="cannot be read: No such file") as refusal:
        _sent({"custom_data_file": str(tmp_path / "vanished")})

    assert refusal.value.input_name == "os_profile"
    assert "vanished" not in refusal.value.message
    assert refusal.value.__cause__ is None


def test_every_form_of_the_contents_is_a_secret(tmp_path: Path) -> None:
    """A server may echo what it was sent, or its decoded form."""
    file = tmp_path / "user-data"
    file.write_bytes(b"plain content")
    os_profile = {
        "admin_password": GOOD,
        "custom_data": _base64(b"other content"),
        "custom_data_file": str(file),
    }

    secrets = _secrets(os_profile)

    assert set(secrets) == {
        GOOD,
        _base64(b"other content"),
        "other content",
        _base64(b"plain content"),
        "plain content",
    }


@pytest.mark.parametrize(
    "os_profile",
    [None, "x", 7.0, {}, {"admin_password": 7.0, "custom_data": None}, {"custom_data_file": "/nowhere"}],
)
def test_an_os_profile_without_texts_has_no_secrets(os_profile: object) -> None:
    """Errors are redacted even if the inputs are wrong."""
    assert _secrets(os_profile) == ()


def test_a_password_is_read_from_the_variable_when_the_request_is_sent() -> None:
    """The inputs have only the variable's name. Its value, and each form that ARM may quote, is secret."""
    os_profile = {"admin_password_env": "VM_PASSWORD"}

    assert _sentences(os_profile) == []
    assert _sent(os_profile) == {"adminPassword": "Correct-horse-2"}
    assert _secrets(os_profile) == ("Correct-horse-2",)


@pytest.mark.parametrize(
    ("os_profile", "sentence"),
    [
        pytest.param(
            {"admin_password_env": "NOBODY"},
            "os_profile.admin_password_env names an environment variable that is not set where Pulumi runs.",
            id="unset",
        ),
        pytest.param(
            {"admin_password_env": GOOD},
            "os_profile.admin_password_env names an environment variable that is not set where Pulumi runs.",
            id="the password itself",
        ),
        pytest.param(
            {"admin_password_env": 1.0},
            "is a number, and must be the name of an environment variable.",
            id="type",
        ),
        pytest.param(
            {"admin_password_env": "WEAK"},
            "an environment variable whose value must have 3 of these 4",
            id="weak",
        ),
        pytest.param(
            {"admin_password_env": "VM_PASSWORD", "admin_password": GOOD},
            "os_profile has both admin_password and admin_password_env; give one of them.",
            id="both",
        ),
    ],
)
def test_a_variable_that_does_not_hold_a_password_is_refused(
    os_profile: dict[str, object], sentence: str
) -> None:
    """Neither its name nor its value is shown, because a user may have written the password as the name."""
    (said,) = _sentences(os_profile)

    assert sentence in said
    assert not any(secret in said for secret in (GOOD, *ENVIRON, *ENVIRON.values()))


def test_a_variable_that_is_gone_is_reported_before_anything_is_sent() -> None:
    """The variable was set in the preview."""
    with pytest.raises(InvalidInputError, match="is not set where Pulumi runs") as caught:
        _sent({"admin_password_env": "VM_PASSWORD"}, {})

    assert caught.value.input_name == "os_profile"


def test_custom_data_that_is_not_base64_is_a_secret_as_it_is() -> None:
    """It is refused, but it must still be masked wherever it is quoted."""
    assert _secrets({"custom_data": "hunter2 as it is"}) == ("hunter2 as it is",)


def test_a_file_that_became_a_pipe_is_refused_when_it_is_read(tmp_path: Path) -> None:
    """Opening it would wait for a writer in the middle of an update."""
    os.mkfifo(tmp_path / "pipe")
    profile = OsProfile.parse({"custom_data_file": str(tmp_path / "pipe")}, {})

    assert profile is not None
    assert profile.secrets == ()
    with pytest.raises(InvalidInputError, match="custom_data_file must name a regular file"):
        profile.resolved()


def test_the_name_none_is_read_only_if_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An absent field must not read a file or a variable of that name."""
    monkeypatch.chdir(tmp_path)
    for name in ("None", "null"):
        (tmp_path / name).write_text("hunter2 of a file")
    environ = {"None": "hunter2 of a variable", "": "hunter2 of nothing"}
    given = {"admin_password": "Correct-horse-2", "custom_data_file": None, "admin_password_env": None}

    for value in (given, {"admin_password": "Correct-horse-2"}, {**given, "custom_data": None}):
        profile = OsProfile.parse(value, environ)

        assert profile is not None
        assert profile.secrets == ("Correct-horse-2",)
        assert profile.resolved().to_arm() == {"adminPassword": "Correct-horse-2"}


def test_the_lengths_of_passwords_are_those_of_azure() -> None:
    """https://learn.microsoft.com/rest/api/compute/virtual-machines/reimage: OSProfileProvisioningData."""
    assert {system: (lengths.start, lengths.stop - 1) for system, lengths in PASSWORD_LENGTHS.items()} == {
        "linux": (6, 72),
        "windows": (8, 123),
    }


@pytest.mark.parametrize(
    ("os_profile", "environ"),
    [
        pytest.param({"admin_password": "password"}, {}, id="what a recorded reimage was accepted with"),
        pytest.param({"admin_password": "a"}, {}, id="short"),
        pytest.param({"admin_password": "P@ssw0rd"}, {}, id="well known"),
        pytest.param({"admin_password_env": "WEAK"}, {"WEAK": "password"}, id="in a variable"),
    ],
)
def test_a_password_that_breaks_azures_documented_rules_has_a_way_out(
    os_profile: dict[str, str], environ: dict[str, str]
) -> None:
    """The rules describe Azure, and may be wrong for a VM, so a switch makes them warn."""
    (refusal,) = check_os_profile(os_profile, environ)

    assert refusal.endswith("With preflight='warn', Azure decides about that.")
    assert list(check_os_profile(os_profile, environ, any_password=True)) == []


@pytest.mark.parametrize(
    "os_profile", [{"admin_password": 1.0}, {"admin_password_env": "NOT_SET"}], ids=["type", "unset"]
)
def test_what_cannot_be_sent_at_all_has_no_way_out(os_profile: dict[str, object]) -> None:
    """It is refused even if Azure is to decide about passwords."""
    assert len(list(check_os_profile(os_profile, {}, any_password=True))) == 1
