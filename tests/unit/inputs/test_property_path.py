"""Property paths are parsed as the engine parses them. A path that the engine would skip is an error."""

import pytest

from pulumi_azure_reimage.errors import InvalidInputError
from pulumi_azure_reimage.inputs.property_path import Path, parse_path, reset


# The examples in the comment on ParsePropertyPath:
# https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/properties_path.go
@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("root", ("root",)),
        ("root.nested", ("root", "nested")),
        ('root["nested"]', ("root", "nested")),
        ("root.double.nest", ("root", "double", "nest")),
        ('root["double"].nest', ("root", "double", "nest")),
        ("root.array[0][1].nested", ("root", "array", 0, 1, "nested")),
        (r'root["key with \"escaped\" quotes"]', ("root", 'key with "escaped" quotes')),
        ('root["key with a ."]', ("root", "key with a .")),
        ('["root key with a ."][100]', ("root key with a .", 100)),
        ("root.array[*].field", ("root", "array", "*", "field")),
        ('root.array["*"].field', ("root", "array", "*", "field")),
        ("foo-bar", ("foo-bar",)),
        ("*", ("*",)),
    ],
)
def test_a_path_is_parsed_as_the_engine_does(text: str, path: Path) -> None:
    """A path consists of names, quoted names and indices."""
    assert parse_path(text) == path


@pytest.mark.parametrize("text", ["", ".root", "root.", "root[", "root[x]", 'root["x', 'root["x"', 'a["b"]c'])
def test_a_malformed_path_is_an_error(text: str) -> None:
    """The engine would skip it silently."""
    with pytest.raises(InvalidInputError, match="is not the path of an input"):
        parse_path(text)


@pytest.mark.parametrize(
    ("path", "old", "new", "kept"),
    [
        ("a", {"a": 1, "b": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 2}),
        ("a", {}, {"a": 2, "b": 2}, {"b": 2}),
        ("a", {"a": 1}, {}, {"a": 1}),
        ("a", {"a": 1}, None, {"a": 1}),
        ("a", None, None, None),
        ("a", {"a": 1}, "text", "text"),
        ("a.b", {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, {"a": {"b": 1, "c": 2}}),
        ("a.b", {"a": 1}, {"a": {"b": 2}}, {"a": {}}),
        ("*", {"a": 1}, {"b": 2}, {"a": 1}),
        ("*.b", {"a": {"b": 1}}, {"a": {"b": 2}, "c": {"b": 3}}, {"a": {"b": 1}, "c": {}}),
        ("a[1]", {"a": [1, 1]}, {"a": [2, 2, 2]}, {"a": [2, 1, 2]}),
        ("a[2]", {"a": [1, 1]}, {"a": [2, 2, 2]}, {"a": [2, 2, 2]}),
        ("a[0]", {"a": [1]}, {"a": 2}, {"a": 2}),
        ("a[0]", {"a": 1}, {"a": [2]}, {"a": [2]}),
        ("a[0].b", {"a": [{"b": 1, "c": 1}]}, {"a": [{"b": 2, "c": 2}]}, {"a": [{"b": 1, "c": 2}]}),
        ("a[*].b", {"a": [{"b": 1}]}, {"a": [{"b": 2}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 2}]}),
    ],
)
def test_the_value_at_a_path_stays_as_it_was(path: str, old: object, new: object, kept: object) -> None:
    """It may have been added, removed or changed. Everything else has its new value."""
    assert reset(old, new, parse_path(path)) == kept
