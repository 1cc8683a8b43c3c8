"""The component for all other languages of Pulumi, as the plugin `pulumi-resource-azure-reimage`."""
