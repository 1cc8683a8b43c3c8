"""The HTTP library: no other module of the package names it, so that another one is chosen here alone.

httpx has had no release since December 2024. It goes on as httpx2, with httpcore2 below it
(https://github.com/pydantic/httpx2), under the same names. Only public parts of both are used.
"""

import httpcore
import httpx

__all__ = ["httpcore", "httpx"]
