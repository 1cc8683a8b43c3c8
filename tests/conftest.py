"""How long the property tests go on: as here, or `--hypothesis-profile=long`."""

from hypothesis import HealthCheck, settings

# No deadline and no complaint about slowness: timing never decides a test.
_ANY_TIME = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("usual", _ANY_TIME, max_examples=500, stateful_step_count=12)
settings.register_profile("long", _ANY_TIME, max_examples=20_000, stateful_step_count=30)
settings.load_profile("usual")
