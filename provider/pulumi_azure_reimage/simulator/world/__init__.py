"""The simulated world: its machines, disks and operations, and the state file that holds them."""
