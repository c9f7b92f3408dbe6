"""Recordings as browsers and recorders make them, by ffmpeg: one second of a tone."""

import subprocess
from typing import NamedTuple


class Recording(NamedTuple):
    filename: str
    type: str
    extension: str
    data: bytes


# name: file name, type as the browser gives it, extension in the object's key, ffmpeg's output
FORMATS = {
    "WebM/Opus": ("recording.webm", "audio/webm;codecs=opus", "webm", "-c:a libopus -f webm"),
    "Ogg/Opus": ("recording.ogg", "audio/ogg; codecs=opus", "ogg", "-c:a libopus -f ogg"),
    "MP4/AAC": ("recording.mp4", "audio/mp4", "mp4", "-c:a aac -f mp4"),
    "WAV": ("recording.wav", "audio/wav", "wav", "-c:a pcm_s16le -f wav"),
    "MP3": ("recording.mp3", "audio/mpeg", "mpeg", "-c:a libmp3lame -f mp3"),
}


def make_recordings(directory):
    recordings = {}
    for name, (filename, type, extension, output) in FORMATS.items():
        path = directory / filename
        tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=1"]
        command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-y", *tone, *output.split(), path]
        subprocess.run(command, check=True)
        recordings[name] = Recording(filename, type, extension, path.read_bytes())
    return recordings
