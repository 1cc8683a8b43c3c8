// Reimages an Azure VM whenever the release changes. docs/other-languages.md says how to run it.
import * as reimage from "@pulumi/azure-reimage";
import * as pulumi from "@pulumi/pulumi";

const config = new pulumi.Config();

// The first `pulumi up` records a baseline and wipes nothing.
const web = new reimage.VirtualMachineReimage("web", {
    vmId: config.require("vmId"),
    triggers: { release: config.require("release") },
    requireDeleteOption: "Detach",
});

export const status = web.status;
export const causes = web.causes;
