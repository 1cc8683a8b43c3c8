"""The inventory: what a user's file says about simulated machines, images and limits."""
