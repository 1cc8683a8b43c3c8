"""A VM that is reimaged with a new administrator's password.

    pulumi config set vmId /subscriptions/.../virtualMachines/web
    pulumi config set passwordVersion 2
    read -rs ADMIN_PASSWORD && export ADMIN_PASSWORD && pulumi up

The password is read when the request is sent and is in no state, so a new one alone changes nothing that
Pulumi can see. `passwordVersion` says that there is one, such as the version of the secret in a key vault.
"""

import pulumi

from pulumi_azure_reimage import VirtualMachineReimage

config = pulumi.Config()

VirtualMachineReimage(
    "web",
    vm_id=config.require("vmId"),
    triggers={"password": config.require("passwordVersion")},
    os_profile={"admin_password_env": "ADMIN_PASSWORD"},
)
