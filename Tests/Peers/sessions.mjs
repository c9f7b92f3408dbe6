// The handlers of the app that sessions-fcgi took the route over from, on plain Node behind nginx:
// the form is taken whole by Request.formData, as Next.js does, the statements are those of its
// ORM, and the recording is a Buffer. Of packages it needs `pg`; what signs for the store is below.
//   node sessions.mjs SOCKET      (DATABASE_URL, R2_* as for sessions-fcgi)
import { createHash, createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Agent, request as send } from "node:https";
import { createRequire } from "node:module";
import { Readable } from "node:stream";

const { Pool, types } = createRequire(import.meta.url)("pg");
const { env } = process;
types.setTypeParser(types.builtins.TIMESTAMP, (text) => new Date(`${text.replace(" ", "T")}Z`));
const database = new Pool({ connectionString: env.DATABASE_URL, max: 10 });
const agent = new Agent({ keepAlive: true, ca: readFileSync(env.R2_CA_FILE) });
const endpoint = new URL(env.R2_ENDPOINT);

// Prepared, as its beginning tells them apart.
async function one(text, ...values) {
  return (await database.query({ name: text.slice(0, 60), text, values })).rows[0];
}

const makeId = () => `c${randomBytes(12).toString("hex")}`;
const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();

function store(method, key, body = "", type = "audio/webm") {
  const path = `/${env.R2_BUCKET_NAME}/${key}`;
  const time = `${new Date().toISOString().replace(/[-:]|\..*/g, "")}Z`;
  const hash = sha256(body);
  const names = "host;x-amz-content-sha256;x-amz-date";
  const canonical = [
    method, path, "", `host:${endpoint.host}`, `x-amz-content-sha256:${hash}`, `x-amz-date:${time}`,
    "", names, hash,
  ].join("\n");
  const scope = `${time.slice(0, 8)}/auto/s3/aws4_request`;
  const signing = scope.split("/").reduce(hmac, `AWS4${env.R2_SECRET_ACCESS_KEY}`);
  const signature = hmac(signing, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`);
  const headers = {
    "Content-Length": body.length,
    "Content-Type": type,
    "x-amz-content-sha256": hash,
    "x-amz-date": time,
    Authorization:
      `AWS4-HMAC-SHA256 Credential=${env.R2_ACCESS_KEY_ID}/${scope},` +
      ` SignedHeaders=${names}, Signature=${signature.toString("hex")}`,
  };
  return new Promise((resolve, reject) => {
    const sent = send(endpoint, { agent, method, path, headers }, (response) => {
      response.resume().on("end", () =>
        response.statusCode < 300 ? resolve() : reject(new Error(`store: ${response.statusCode}`)));
    });
    sent.on("error", reject).end(body);
  });
}

const failure = (status, error, code) => [status, { error, code }];
const findUser = (name) => one('SELECT id FROM users WHERE "externalId" = $1', name);

async function create(user, request) {
  const form = await new Request(`http://localhost${request.url}`, {
    method: "POST", headers: request.headers, body: Readable.toWeb(request), duplex: "half",
  }).formData();
  const audio = form.get("audio");
  const duration = form.get("duration");
  if (!audio) return failure(400, "Audio file is required", "MISSING_AUDIO");
  if (!duration || isNaN(Number(duration))) {
    return failure(400, "Valid duration is required", "INVALID_DURATION");
  }
  if (audio.size > 50 * 1024 * 1024) return failure(413, "File is too large", "INVALID_FILE");
  if (!audio.type.startsWith("audio/")) return failure(400, "No audio file", "INVALID_FILE");
  const owner = (await findUser(user)) ?? (await one(
    `INSERT INTO users (id, "externalId", "updatedAt") VALUES ($1, $2, now() AT TIME ZONE 'UTC')
     ON CONFLICT ("externalId") DO UPDATE SET "updatedAt" = excluded."updatedAt" RETURNING id`,
    makeId(), user));
  const { id } = await one(
    `INSERT INTO speaking_sessions
       (id, "userId", "durationSecs", language, topic, "createdAt", "updatedAt")
     VALUES ($1, $2, $3, $4, $5, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
     RETURNING id`,
    makeId(), owner.id, Number(duration), form.get("language") || "en", form.get("topic") || null);
  const key = `sessions/${owner.id}/${id}/audio.${audio.type.split("/")[1] || "webm"}`;
  await store("PUT", key, Buffer.from(await audio.arrayBuffer()), audio.type);
  const made = await one(
    `UPDATE speaking_sessions SET "audioUrl" = $2, status = 'UPLOADED',
       "updatedAt" = now() AT TIME ZONE 'UTC' WHERE id = $1 RETURNING id, status, "createdAt"`,
    id, key);
  return [201, { ...made, estimatedWaitSecs: 30 }];
}

async function list(user, url) {
  const owner = await findUser(user);
  if (!owner) return [200, { sessions: [], total: 0, page: 1, limit: 10 }];
  const page = Number(url.searchParams.get("page") || "1");
  const limit = Number(url.searchParams.get("limit") || "10");
  const [shown, counted] = await Promise.all([
    database.query({
      name: "list",
      text: `SELECT id, status, "durationSecs", language, topic, "createdAt", "updatedAt"
        FROM speaking_sessions WHERE "userId" = $1 ORDER BY "createdAt" DESC LIMIT $2 OFFSET $3`,
      values: [owner.id, limit, (page - 1) * limit],
    }),
    one('SELECT count(*) FROM speaking_sessions WHERE "userId" = $1', owner.id),
  ]);
  return [200, { sessions: shown.rows, total: Number(counted.count), page, limit }];
}

async function remove(user, id) {
  const owner = await findUser(user);
  if (!owner) return failure(404, "User not found", "USER_NOT_FOUND");
  const session = await one(
    'SELECT "audioUrl" FROM speaking_sessions WHERE id = $1 AND "userId" = $2', id, owner.id);
  if (!session) return failure(404, "Session not found", "SESSION_NOT_FOUND");
  if (session.audioUrl) await store("DELETE", session.audioUrl);
  await one("DELETE FROM speaking_sessions WHERE id = $1", id);
  return [200, { ok: true }];
}

async function handle(request, response) {
  const url = new URL(request.url, "http://localhost");
  const user = request.headers["x-remote-user"];
  const handlers = {
    GET: () => list(user, url),
    POST: () => create(user, request),
    DELETE: () => remove(user, url.pathname.split("/").at(-1)),
  };
  const [status, body] = await handlers[request.method]().catch((error) => {
    console.error(error);
    return failure(500, "Something went wrong", "INTERNAL_ERROR");
  });
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": length });
  response.end(text);
}

createServer({ keepAliveTimeout: 60_000 }, handle).listen(process.argv[2]);
