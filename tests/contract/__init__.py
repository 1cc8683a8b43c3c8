"""The simulator against independent sources: recorded traffic, the Swagger, and Azure's own clients."""
