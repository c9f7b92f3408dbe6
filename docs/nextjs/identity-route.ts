// Tells nginx who is signed in (auth/app.conf): src/app/api/auth/identity/route.ts of the app. A
// path that is written out comes before Auth.js's own [...nextauth].
import { auth } from "@/features/auth/auth";

export const dynamic = "force-dynamic";

export async function GET() {
  const session = await auth();
  const user = session?.user;
  if (!user?.externalId) {
    return new Response(null, { status: 401 });
  }
  const headers = new Headers({ "X-User-Id": user.externalId });
  // A header takes no UTF-8: nginx has the program decode the name, and nothing else.
  if (user.email && /^[!-~]+$/.test(user.email)) {
    headers.set("X-User-Email", user.email);
  }
  if (user.name) {
    headers.set("X-User-Name", encodeURIComponent(user.name));
  }
  return new Response(null, { status: 204, headers });
}
