"""The HTTP library. No other module of the package names it, so it is replaced here alone.

httpx has had no release since December 2024. Its successor is httpx2, with httpcore2 below it
(https://github.com/pydantic/httpx2), under the same names. Only public parts of both are used.
"""

import httpcore
import httpx

__all__ = ["httpcore", "httpx"]
