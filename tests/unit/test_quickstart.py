"""The table at the end of `make up`."""

from tools.quickstart import table


def test_the_table_has_a_line_per_machine_and_none_for_other_outputs() -> None:
    """Among the outputs, only machines are mappings. The counts come from the simulator."""
    machine = {"status": "Succeeded", "os_disk_before": "web_1", "os_disk": "web_22", "seconds": 6}
    outputs = {"web": machine, "release": "2", "cache": {**machine, "seconds": 12.25}}

    lines = table(outputs, {"web": 1})

    assert lines == [
        "VM     status     OS disk before  OS disk after  duration  POSTs",
        "cache  Succeeded  web_1           web_22         12.2 s    0",
        "web    Succeeded  web_1           web_22         6.0 s     1",
    ]
