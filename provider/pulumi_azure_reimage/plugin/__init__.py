"""The component served to every other language of Pulumi, as the plugin `pulumi-resource-azure-reimage`."""
