// app/api/process/route.ts of a Next.js app: hears of uploads by the webhook of sessions-fcgi.

import { createHmac, timingSafeEqual } from "node:crypto";

const TOLERANCE_SECS = 300;

/** Signed by our secret, and not long ago (https://www.standardwebhooks.com). */
function isGenuine(headers: Headers, body: string): boolean {
  const id = headers.get("webhook-id") ?? "";
  const timestamp = headers.get("webhook-timestamp") ?? "";
  if (!/^\d+$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECS) return false;
  const secret = (process.env.PROCESS_SECRET ?? "").replace(/^whsec_/, "");
  if (secret === "") return false;
  const expected = createHmac("sha256", Buffer.from(secret, "base64"))
    .update(`${id}.${timestamp}.${body}`)
    .digest();
  const given = (headers.get("webhook-signature") ?? "").split(" ");
  return given.some((entry: string) => {
    const signature = Buffer.from(entry.replace(/^v1,/, ""), "base64");
    return entry.startsWith("v1,") && signature.length === expected.length &&
      timingSafeEqual(signature, expected);
  });
}

export async function POST(request: Request): Promise<Response> {
  const body = await request.text(); // as it came: parsed and written anew it may differ
  if (!isGenuine(request.headers, body)) return new Response(null, { status: 401 });
  const message: { type: string; data: { sessionId: string } } = JSON.parse(body);
  if (message.type === "session.uploaded") await enqueue(message.data.sessionId);
  return new Response(null, { status: 204 });
}

/**
 * Leaves the work to your own queue or worker, since the answer has to come within 15 s. It may be
 * called twice for a session: let only one that is still UPLOADED be taken.
 */
async function enqueue(sessionId: string): Promise<void> {
  console.log("to be processed:", sessionId);
}
