// What kind of file it is, by its first bytes. What a system calls it is often wrong or missing.

const HEAD_BYTES = 16;

const SIGNATURES = [
  ["audio/webm", (head) => at(head, 0, "\x1a\x45\xdf\xa3")],
  ["audio/ogg", (head) => at(head, 0, "OggS")],
  ["audio/wav", (head) => (at(head, 0, "RIFF") || at(head, 0, "RF64")) && at(head, 8, "WAVE")],
  ["audio/3gpp", (head) => at(head, 4, "ftyp3g")],
  ["audio/mp4", (head) => ["ftyp", "moov", "mdat", "wide"].some((box) => at(head, 4, box))],
  ["audio/flac", (head) => at(head, 0, "fLaC")],
  ["audio/aiff", (head) => at(head, 0, "FORM") && at(head, 8, "AIF")],
  ["audio/x-caf", (head) => at(head, 0, "caff")],
  ["audio/amr", (head) => at(head, 0, "#!AMR")],
  ["audio/x-ms-wma", (head) => at(head, 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11")],
  ["audio/mpeg", (head) => at(head, 0, "ID3")],
  // A frame's head: eleven set bits and, after the version, the layer, which AAC has as 0.
  ["audio/aac", ([first, second]) => first === 0xff && (second & 0xf6) === 0xf0],
  ["audio/mpeg", ([first, second]) =>
    first === 0xff && second > 0xe0 && [2, 4].includes(second & 6)],
];

/** The media type, or null where the bytes are none that we know. */
export async function typeOf(sound) {
  const head = new Uint8Array(await sound.slice(0, HEAD_BYTES).arrayBuffer());
  const found = SIGNATURES.find(([, fits]) => fits(head));
  return found ? found[0] : null;
}

const at = (head, offset, text) =>
  [...text].every((character, index) => head[offset + index] === character.charCodeAt(0));
