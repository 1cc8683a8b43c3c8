"""Programs around the package: the installer of the Pulumi CLI, and the driver of the quick start."""
