// Tells the system what is heard: for its own buttons, and those of headphones.

import { text } from "./text.js";

const STEP_SECS = 5;

export function tellSystem(player) {
  const session = navigator.mediaSession;
  if (!session) return;
  const { title } = player.recording;
  session.metadata = new MediaMetadata({ title, album: text("site.name") });
  const step = (direction) => ({ seekOffset }) =>
    player.seek(player.position + direction * (seekOffset ?? STEP_SECS));
  const actions = {
    play: () => player.play(),
    pause: () => player.pause(),
    seekbackward: step(-1),
    seekforward: step(1),
    seekto: ({ seekTime }) => player.seek(seekTime),
  };
  for (const [name, action] of Object.entries(actions)) {
    try {
      session.setActionHandler(name, action);
    } catch {
      // One that this browser does not know.
    }
  }
  tellPosition(player);
}

export function tellPosition(player) {
  const { length: duration, position, audio: { playbackRate } } = player;
  if (duration === 0 || position > duration) return; // which is refused
  navigator.mediaSession?.setPositionState?.({ duration, position, playbackRate });
}
