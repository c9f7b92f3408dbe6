// Waiting that can be cut short.

/**
 * Resolves after that many seconds, or as soon as `wake` is aborted or the browser is online again;
 * rejects when `signal` is aborted.
 */
export function wait(seconds, signal, wake) {
  return new Promise((resolve, reject) => {
    const ended = new AbortController();
    const finish = (settle) => {
      clearTimeout(timer);
      ended.abort();
      settle();
    };
    const timer = setTimeout(() => finish(resolve), seconds * 1000);
    const options = { signal: ended.signal };
    window.addEventListener("online", () => finish(resolve), options);
    wake?.addEventListener("abort", () => finish(resolve), options);
    signal?.addEventListener("abort", () => finish(() => reject(signal.reason)), options);
  });
}

/** Aborted after so long. AbortSignal.timeout is younger than whatever else is used here. */
export function abortedAfter(milliseconds) {
  if (AbortSignal.timeout) return AbortSignal.timeout(milliseconds);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

/** Resolves once somebody looks at the page. */
export const untilVisible = () => untilHiddenIs(false);

/** Resolves once nobody looks at the page. */
export const untilHidden = () => untilHiddenIs(true);

async function untilHiddenIs(isHidden) {
  while (document.hidden !== isHidden) {
    await new Promise((resolve) => {
      document.addEventListener("visibilitychange", resolve, { once: true });
    });
  }
}
