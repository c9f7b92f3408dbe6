"""Spoken sound, by espeak-ng."""

import subprocess

TEXT = (
    "Yesterday I went to the market and I buyed some apples. Then I have met an old friend, "
    "and we talked about the summer that we spent beside the sea."
)


def make_speech(directory):
    """A WAV file of about ten seconds with the rate that Chromium's fake microphone wants."""
    spoken, made = directory / "spoken.wav", directory / "speech.wav"
    subprocess.run(["espeak-ng", "-w", spoken, TEXT], check=True)
    subprocess.run(
        ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", spoken, "-ar", "48000", made],
        check=True,
    )
    return made


def recorded(speech):
    """The same as a browser would have recorded it: WebM with Opus in it."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-i", speech, "-f", "webm", "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout
