"""What is in a recording, as ffprobe and ffmpeg see it."""

import json
import re
import subprocess
import tempfile


class Probe:
    def __init__(self, data):
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            entries = "packet=pts_time,duration_time:stream=codec_name,codec_type"
            shown = ["-show_entries", entries, "-of", "json"]
            found = run("ffprobe", "-v", "error", *shown, file.name)
            measured = run(
                "ffmpeg", "-nostdin", "-i", file.name, "-af", "volumedetect", "-f", "null", "-"
            )
        self.streams = json.loads(found.stdout)["streams"]
        last = json.loads(found.stdout)["packets"][-1]
        self.seconds = float(last["pts_time"]) + float(last.get("duration_time", 0))
        self.mean_decibels = float(re.search(r"mean_volume: (\S+) dB", measured.stderr)[1])


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True)
