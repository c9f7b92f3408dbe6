// For an app that stays where it is: it hands /api/sessions on to where sessions-fcgi is,
// SESSIONS_URL="https://sessions.example". Read when the app is built.
const sessions = process.env.SESSIONS_URL;

export default {
  async rewrites() {
    return {
      // Before the app's own route of that name, which stays for the way back.
      beforeFiles: sessions
        ? [{ source: "/api/sessions/:path*", destination: `${sessions}/api/sessions/:path*` }]
        : [],
    };
  },
  // An answer may take longer than the 30 s that are the default.
  experimental: { proxyTimeout: 300_000 },
};
