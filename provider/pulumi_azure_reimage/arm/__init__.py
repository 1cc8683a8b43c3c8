"""The wire, and the documents of Azure Resource Manager."""
