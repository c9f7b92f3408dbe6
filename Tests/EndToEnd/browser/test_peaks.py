"""peaks.js and kept-peaks.js: what is drawn of a recording, and how much of it is kept."""

import subprocess

from stack.directory import ROOT

ASSETS = ROOT / "nginx" / "html" / "assets"


def test_only_so_many_waveforms_are_kept(browser):
    browser.open("/session/new")
    browser.wait_for_state("idle")
    kept = browser.run(
        """
        const { keepPeaks, keptPeaks } = await import("/assets/kept-peaks.js");
        for (let index = 0; index < 150; index += 1) keepPeaks(`s${index}`, "vv");
        keepPeaks("s60", "00");
        return [0, 50, 51, 60, 149].map((index) => keptPeaks(`s${index}`));
        """
    )
    assert kept == [None, "vv", "vv", "00", "vv"]
    assert browser.run("return JSON.parse(localStorage['speaking-sessions-peaks']).length;") == 100


def test_waveform_of_a_day_is_small_and_keeps_what_is_loud():
    script = f"""
    const {{ Peaks, levelsIn }} = await import("file://{ASSETS}/peaks.js");
    const peaks = new Peaks();
    for (let second = 0; second < 86400; second += 1) peaks.add(second === 43200 ? 1 : 0.2, second);
    const levels = levelsIn(String(peaks));
    const gaps = new Peaks();
    gaps.add(0.5, 0);
    gaps.add(1, 1);
    console.log(levels.length, levels.indexOf(1) / levels.length, String(gaps).length);
    """
    said = subprocess.run(
        ["node", "--input-type=module", "-e", script], check=True, capture_output=True, text=True
    )
    count, loudest, gaps = map(float, said.stdout.split())
    assert 240 <= count <= 480
    assert abs(loudest - 0.5) < 0.01
    assert gaps == 17
