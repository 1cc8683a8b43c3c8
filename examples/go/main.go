// Reimages an Azure VM whenever the release changes. docs/other-languages.md says how to run it.
package main

import (
	"example.com/pulumi-azure-reimage/sdk/go/azurereimage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		cfg := config.New(ctx, "")

		// The first `pulumi up` records a baseline and wipes nothing.
		web, err := azurereimage.NewVirtualMachineReimage(ctx, "web", &azurereimage.VirtualMachineReimageArgs{
			VmId:                pulumi.String(cfg.Require("vmId")),
			Triggers:            pulumi.Map{"release": pulumi.String(cfg.Require("release"))},
			RequireDeleteOption: pulumi.String("Detach"),
		})
		if err != nil {
			return err
		}

		ctx.Export("status", web.Status)
		ctx.Export("causes", web.Causes)
		return nil
	})
}
