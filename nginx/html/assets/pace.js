// How often to ask whether something has changed: ever more rarely.

const OFTEN_SECS = 3;
const RARELY_SECS = 10;
const OFTEN_FOR_SECS = 60;
const FOLLOWED_FOR_SECS = 300;

/** For how many seconds to wait before the next question; null once it was asked for long enough. */
export function pause(followedSecs) {
  if (followedSecs > FOLLOWED_FOR_SECS) return null;
  return followedSecs < OFTEN_FOR_SECS ? OFTEN_SECS : RARELY_SECS;
}
