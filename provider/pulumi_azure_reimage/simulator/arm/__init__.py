"""Azure Resource Manager's contract as the simulator implements it, with answers from the world."""
