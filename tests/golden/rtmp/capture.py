#!/usr/bin/env python3
"""Records what real RTMP clients and a real server say to each other; see README.md.

Starts nginx with its rtmp module, stands between it and one client after another, and writes both
directions of each connection beside this script: <client>.client and <client>.server.
"""
import pathlib
import socket
import subprocess
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
CLIP = HERE / "clip.flv"
SERVER_PORT = 21935
PROXY_PORT = 21936
URL = f"rtmp://127.0.0.1:{PROXY_PORT}/live"

NGINX_CONF = """
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
daemon off; pid nginx.pid; error_log stderr; user root;
events {{}}
rtmp {{ server {{ listen 127.0.0.1:{port}; application live {{ live on; }} }} }}
"""

MAKE_CLIP = """
ffmpeg -v error -y -f lavfi -i testsrc=size=64x48:rate=10 -f lavfi -i sine=frequency=500:r=8000
-t 1.2 -c:v libx264 -preset slow -g 6 -bf 2 -pix_fmt yuv420p -c:a aac -b:a 16k -flvflags
no_duration_filesize -fflags +bitexact -flags:v +bitexact -flags:a +bitexact -f flv
"""

# Publishers; {url} is the application, {clip} the file. Each publishes the stream of its own name.
PUBLISHERS = {
    "ffmpeg_publish": "ffmpeg -v error -re -i {clip} -c copy -f flv {url}/ffmpeg_publish?token=t1",
    "gstreamer_rtmp2sink": (
        "gst-launch-1.0 -q filesrc location={clip} ! flvdemux name=d flvmux streamable=true name=m !"
        " tee name=t ! queue ! rtmp2sink location={url}/gstreamer_rtmp2sink?token=t1"
        " t. ! queue ! filesink location={here}/gstreamer_rtmp2sink.flv"
        " d.video ! queue ! h264parse ! m.video d.audio ! queue ! aacparse ! m.audio"
    ),
    "librtmp_rtmpsink": (
        "gst-launch-1.0 -q filesrc location={clip} ! flvdemux name=d flvmux streamable=true name=m !"
        " tee name=t ! queue ! rtmpsink location={url}/librtmp_rtmpsink?token=t1"
        " t. ! queue ! filesink location={here}/librtmp_rtmpsink.flv"
        " d.video ! queue ! h264parse ! m.video d.audio ! queue ! aacparse ! m.audio"
    ),
}

# Players of a stream that is published beside the proxy.
PLAYERS = {
    "ffmpeg_play": "ffmpeg -v error -analyzeduration 500000 -i {url}/source?token=t1 -t 0.5 -c copy -f null -",
    "rtmpdump_play": "timeout -s INT 2 rtmpdump -q -v -r {url}/source?token=t1 -o /dev/null",
    "gstreamer_rtmp2src": (
        "timeout -s INT 2 gst-launch-1.0 -q rtmp2src location={url}/source?token=t1 ! fakesink"
    ),
}


def run(command, **kwargs):
    words = command.format(clip=CLIP, url=URL, here=HERE).split()
    return subprocess.run(words, check=False, timeout=30, **kwargs)


class Proxy:
    """Takes connections one at a time and keeps both directions of each."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", PROXY_PORT))
        threading.Thread(target=self.accept, daemon=True).start()
        self.directions = []

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.create_connection(("127.0.0.1", SERVER_PORT))
            to_server, to_client = bytearray(), bytearray()
            pumps = [
                threading.Thread(target=self.pump, args=(client, server, to_server)),
                threading.Thread(target=self.pump, args=(server, client, to_client)),
            ]
            self.directions = [to_server, to_client]
            self.pumps = pumps
            for pump in pumps:
                pump.start()

    @staticmethod
    def pump(source, sink, kept):
        try:
            while received := source.recv(65536):
                kept += received
                sink.sendall(received)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            sink.close()

    def save(self, name):
        for pump in self.pumps:
            pump.join(timeout=5)
        (HERE / f"{name}.client").write_bytes(self.directions[0])
        (HERE / f"{name}.server").write_bytes(self.directions[1])
        print(name, len(self.directions[0]), len(self.directions[1]))


def main():
    if not CLIP.exists():
        subprocess.run(MAKE_CLIP.split() + [str(CLIP)], check=True)
    with tempfile.TemporaryDirectory() as directory:
        conf = pathlib.Path(directory) / "nginx.conf"
        conf.write_text(NGINX_CONF.format(port=SERVER_PORT))
        nginx = subprocess.Popen(["nginx", "-p", directory, "-c", str(conf)])
        time.sleep(1)
        proxy = Proxy()
        for name, command in PUBLISHERS.items():
            run(command)
            proxy.save(name)
        for name, command in PLAYERS.items():
            source = subprocess.Popen(
                f"ffmpeg -v error -re -stream_loop -1 -i {CLIP} -c copy -f flv"
                f" rtmp://127.0.0.1:{SERVER_PORT}/live/source".split()
            )
            time.sleep(0.5)
            run(command)
            proxy.save(name)
            source.terminate()
            source.wait()
        nginx.terminate()
        nginx.wait()


if __name__ == "__main__":
    main()
