"""A stand-in for a load balancer: which machines are in service. `python load_balancer.py` serves it."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class LoadBalancer(ThreadingHTTPServer):
    """Knows whether each machine is in service.

    Attributes:
        history: What was set, in order.
    """

    def __init__(self, port: int = 0) -> None:
        """Listen on a port of the loopback interface; 0 chooses one."""
        super().__init__(("127.0.0.1", port), _Handler)
        self.history: list[tuple[str, bool]] = []


class _Handler(BaseHTTPRequestHandler):
    server: LoadBalancer

    def do_PUT(self) -> None:
        name = self.path.removeprefix("/machines/")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.history.append((name, body["in_service"]))
        self._answer({"name": name, **body})

    def do_GET(self) -> None:
        self._answer(dict(self.server.history))

    def _answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    with LoadBalancer(8080) as balancer:
        balancer.serve_forever()
