"""The simulator against what others know of ARM: recorded traffic, the Swagger, and Azure's own client."""
