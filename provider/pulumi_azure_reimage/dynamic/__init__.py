"""The Pulumi side: translates between Pulumi's dynamic providers and the core, and nothing else."""
