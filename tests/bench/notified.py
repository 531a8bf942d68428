"""nginx-rtmp that asks somebody before it takes a publish, as Weir does."""

import contextlib
import http.server
import os
import threading

from processes import LOAD_CORE, nginx


class Yes(http.server.BaseHTTPRequestHandler):
    """Whatever is asked, the answer is yes."""

    def do_POST(self):  # noqa: N802 (the name that http.server looks for)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


class Server(http.server.HTTPServer):
    request_queue_size = 1024


@contextlib.contextmanager
def notified_nginx():
    with Server(("127.0.0.1", 0), Yes) as server:
        def serve():
            os.sched_setaffinity(threading.get_native_id(), {int(LOAD_CORE)})
            server.serve_forever()
        thread = threading.Thread(target=serve)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_port}/"
            with nginx(options=f"on_publish {url}; on_publish_done {url};") as asking:
                asking.name = "nginx-rtmp, asking over HTTP"
                yield asking
        finally:
            server.shutdown()
            thread.join()
