"""The literal `pulumi` CLI on programs in YAML, as users of languages other than Python run it."""
