"""How to sign in to Azure, and to which of its clouds."""
