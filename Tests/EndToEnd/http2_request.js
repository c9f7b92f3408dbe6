// One request over HTTP/2: what it is as JSON in the arguments, its body on standard input. Writes
// the answer as JSON; null where none came.

"use strict";

const fs = require("node:fs");
const http2 = require("node:http2");

const { url, path, method, headers, authority } = JSON.parse(process.argv[2]);
const body = fs.readFileSync(0);
// The body is handed over whole.
const options = { maxSessionMemory: 100, ca: authority && fs.readFileSync(authority) };
const session = http2.connect(url, options);
const request = session.request(
  { ...headers, ":path": path, ":method": method }, { endStream: body.length === 0 },
);
let answer = null;
const pieces = [];
request.on("response", (parsed, _flags, raw) => {
  answer = { status: parsed[":status"], fields: [] };
  for (let at = 0; at < raw.length; at += 2) answer.fields.push([raw[at], raw[at + 1]]);
});
request.on("data", (piece) => pieces.push(piece));
// An answer may end the stream while the body is being sent.
request.on("error", () => {});
session.on("error", () => {});
request.on("close", () => {
  if (answer) answer.body = Buffer.concat(pieces).toString("base64");
  process.stdout.write(JSON.stringify(answer), () => process.exit(0));
});
if (body.length > 0) request.end(body);
