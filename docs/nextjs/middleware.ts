// src/middleware.ts of an app that has Auth.js guard its pages; from Next.js 16 on src/proxy.ts.
export { auth as default } from "@/features/auth/auth";

export const config = {
  // Not the route that nginx asks, not the one that hears of uploads, which has a signature and no
  // cookie, and not what is handed on to sessions-fcgi: what passes through here is kept in memory,
  // and cut off at 10 MB.
  matcher: ["/((?!api/auth/|api/process|api/sessions|_next/static|_next/image|favicon.ico).*)"],
};
