// Sends the form by the Node.js client that is named first; then come the URL and the file.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import http from "node:http";
import { basename } from "node:path";

// Debian's modules lie outside of what `import` looks through.
const modules = "/usr/share/nodejs/";
const require = createRequire(modules);
const version = (name) => JSON.parse(readFileSync(`${modules}${name}/package.json`)).version;

const type = "audio/webm;codecs=opus";
const fields = { duration: "12", topic: "one\ntwo é", language: "pt_BR" };
const [client, url, file] = process.argv.slice(2);
const name = basename(file);
const unquoted = name.replaceAll('"', "");
const bytes = readFileSync(file);

// The standard's FormData, which Node.js has itself.
function standard() {
  const form = new FormData();
  form.append("audio", new Blob([bytes], { type }), name);
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  return form;
}

// The package form-data, which many build on. It writes a quote in a name as it is.
function formData() {
  const form = new (require("form-data"))();
  form.append("audio", bytes, { filename: unquoted, contentType: type });
  for (const [key, value] of Object.entries(fields)) form.append(key, value);
  return form;
}

const senders = {
  async fetch() {
    await fetch(url, { method: "POST", body: standard() });
    return process.versions.node;
  },
  async "node-fetch"() {
    const { default: fetch } = await import(require.resolve("node-fetch"));
    await fetch(url, { method: "POST", body: standard() });
  },
  async "form-data"() {
    const form = formData();
    const options = { method: "POST", headers: form.getHeaders() };
    await new Promise((done) => form.pipe(http.request(url, options, done)));
    return version("form-data");
  },
  async axios() {
    await require("axios").postForm(url, formData());
    return version("axios");
  },
  async got() {
    await require("got").post(url, { body: formData() });
    return version("got");
  },
  async superagent() {
    const request = require("superagent").post(url);
    request.attach("audio", bytes, { filename: unquoted, contentType: type });
    await request.field(fields);
    return version("superagent");
  },
};

console.log(await senders[client]());
process.exit();
