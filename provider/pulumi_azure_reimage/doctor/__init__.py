"""`python -m pulumi_azure_reimage.doctor`: checks the sign-in and the rights to reimage a VM."""

from .command import main as main
