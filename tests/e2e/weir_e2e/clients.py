"""Command lines of the real encoders and players."""

import subprocess
from pathlib import Path

FFMPEG = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-y"]


def make_source(
    path: Path, seconds: int, gop: int = 15, size: str = "320x180", rate: int = 30
) -> Path:
    """An FLV file with H.264 (B-frames included) and AAC, encoded by libx264 and aac."""
    subprocess.run(
        FFMPEG
        + ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}"]
        + ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
        + ["-t", str(seconds), "-c:v", "libx264", "-preset", "veryfast", "-bf", "2"]
        + ["-g", str(gop), "-keyint_min", str(gop), "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
        + ["-c:a", "aac", "-b:a", "64k", "-f", "flv", str(path)],
        check=True,
        timeout=60,
    )
    return path


def ffmpeg_publish(source: Path, url: str) -> list[str]:
    """At real-time speed, frames and timestamps as they are in the file."""
    return FFMPEG + ["-re", "-copyts", "-i", str(source), "-c", "copy", "-f", "flv", url]


def ffmpeg_publish_for_ever(source: Path, url: str) -> list[str]:
    return FFMPEG + ["-re", "-stream_loop", "-1", "-i", str(source), "-c", "copy", "-f", "flv", url]


def ffmpeg_publish_through_fifo(source: Path, url: str) -> list[str]:
    """The same, through the muxer that connects again when its connection is closed."""
    return FFMPEG + ["-re", "-stream_loop", "-1", "-i", str(source), "-c", "copy"] + [
        "-map", "0", "-flags", "+global_header", "-f", "fifo", "-fifo_format", "flv",
        "-attempt_recovery", "1", "-recover_any_error", "1", "-recovery_wait_time", "1",
        "-restart_with_keyframe", "1", url,
    ]  # fmt: skip


def ffmpeg_play(url: str, listing: Path, *options: str) -> list[str]:
    """Lists each frame with its timestamps as they came."""
    return FFMPEG + ["-copyts", "-rtmp_live", "live", "-i", url, *options, "-c", "copy"] + [
        "-flush_packets", "1", "-f", "framemd5", str(listing),
    ]  # fmt: skip


def gst_publish(source: Path, sink: str, url: str, published: Path) -> list[str]:
    """Sends a file through a GStreamer RTMP sink and keeps a copy of what the sink was given."""
    return _pipeline(
        f"filesrc location={source} ! flvdemux name=in "
        "in.video ! queue ! h264parse ! mux. "
        "in.audio ! queue ! aacparse ! mux. "
        "flvmux name=mux streamable=true ! tee name=out "
        f'out. ! queue ! {sink} location={url} sync=true '
        f"out. ! queue ! filesink location={published}"
    )


def gst_encode_for_ever(sink: str, url: str) -> list[str]:
    """Encodes a live test picture for a GStreamer RTMP sink."""
    return _pipeline(
        "videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1 ! "
        "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! "
        f"flvmux streamable=true ! {sink} location={url}"
    )


def gst_encode_two_sizes(sink: str, url: str) -> list[str]:
    """The same after two seconds of a smaller one, on one connection."""
    return _pipeline(
        f"concat name=both ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=25 ! "
        f"flvmux streamable=true ! {sink} location={url} "
        "videotestsrc is-live=true num-buffers=50 ! "
        "video/x-raw,width=160,height=90,framerate=25/1 ! both. "
        "videotestsrc is-live=true ! video/x-raw,width=320,height=180,framerate=25/1 ! both."
    )


def gst_publish_tags(tags: Path, sink: str, url: str) -> list[str]:
    """Sends a folder's files through a GStreamer RTMP sink, each an FLV tag, as fast as they go."""
    return _pipeline(
        f"multifilesrc location={tags}/%06d.tag caps=video/x-flv ! {sink} location={url} sync=false"
    )


def gst_play(src: str, url: str, played: Path) -> list[str]:
    return _pipeline(f'{src} location={url} ! filesink location={played} buffer-mode=unbuffered')


def rtmpdump_play(url: str, played: Path) -> list[str]:
    return ["rtmpdump", "--quiet", "--live", "--rtmp", url, "--flv", str(played)]


def mpv_play(url: str, played: Path) -> list[str]:
    return ["mpv", "--no-config", "--vo=null", "--ao=null", f"--stream-dump={played}", url]


def _pipeline(description: str) -> list[str]:
    return ["gst-launch-1.0", "--quiet", "--eos-on-shutdown", *description.split()]
