"""Azure Resource Manager's contract as the simulator reads it: each request is answered from the world."""
