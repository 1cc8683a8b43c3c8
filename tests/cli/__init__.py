"""The literal `pulumi` CLI on programs in YAML, as a user of another language than Python runs it."""
