// What browsers leave out of a WebM file while they record it: its length, and an index to seek by.
//
// Without those Firefox knows no length of its own recordings and seeks nowhere in them, and
// Chromium, once it seeks in them, plays nothing of them any more.

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const DURATION = 0x4489;
const TRACKS = 0x1654ae6b;
const CUES = 0x1c53bb6b;
const CUE_POINT = 0xbb;
const CUE_TIME = 0xb3;
const CUE_POSITIONS = 0xb7;
const CUE_TRACK = 0xf7;
const CUE_CLUSTER = 0xf1;
const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const BLOCK_GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
const CHECKSUM = 0xbf;

/** The same sound with length and index, if it is a WebM file without; else itself. */
export async function indexed(blob) {
  const head = new DataView(await blob.slice(0, 4).arrayBuffer());
  if (head.byteLength < 4 || head.getUint32(0) !== EBML) return blob;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  try {
    const parts = withIndex(bytes);
    return parts ? new Blob(parts, { type: blob.type }) : blob;
  } catch (error) {
    if (error instanceof RangeError) return blob; // it is broken in the middle of something
    throw error;
  }
}

function withIndex(bytes) {
  const [header, segment] = elements(bytes, 0, bytes.length);
  if (segment?.id !== SEGMENT) return null;
  let info, tracks;
  const clusters = [];
  for (const element of elements(bytes, segment.start, segment.end)) {
    if (element.id === INFO) info = element;
    if (element.id === TRACKS) tracks = element;
    if (element.id === CUES) return null;
    if (element.id === CLUSTER) clusters.push(readCluster(bytes, element));
  }
  if (!info || !tracks || clusters.length === 0) return null;

  const content = ({ start, end }) => bytes.subarray(start, end);
  const facts = [...elements(bytes, info.start, info.end)]
    .filter(({ id }) => id !== DURATION && id !== CHECKSUM)
    .flatMap((fact) => element(fact.id, [content(fact)]));
  const front = [
    ...element(INFO, [...facts, ...element(DURATION, [float(lengthOf(clusters))])]),
    ...element(TRACKS, [content(tracks)]),
  ];
  const whole = clusters.map((cluster) => element(CLUSTER, [content(cluster)]));
  const index = (firstPosition) => cues(clusters, whole, firstPosition);
  const sound = [...front, ...index(sizeOf(front) + sizeOf(index(0))), ...whole.flat()];
  return [bytes.subarray(0, header.end), ...element(SEGMENT, sound)];
}

function cues(clusters, whole, firstPosition) {
  let position = firstPosition;
  const points = clusters.flatMap(({ time, track }, index) => {
    const place = [
      ...element(CUE_TRACK, [integer(track)]),
      ...element(CUE_CLUSTER, [integer(position)]),
    ];
    position += sizeOf(whole[index]);
    const when = element(CUE_TIME, [integer(time)]);
    return element(CUE_POINT, [...when, ...element(CUE_POSITIONS, place)]);
  });
  return element(CUES, points);
}

// Reading

/** The elements in that stretch, each as { id, start, end } of its content. */
function* elements(bytes, start, end) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = start; at < end;) {
    const idLength = Math.clz32(bytes[at]) - 23;
    let id = 0;
    for (let index = 0; index < idLength; index += 1) id = id * 256 + view.getUint8(at + index);
    at += idLength;
    const size = readSize(view, at);
    const first = at + size.length;
    at = Math.min(end, first + size.value);
    if (size.isUnknown) at = id === CLUSTER ? endOfCluster(bytes, first, end) : end;
    yield { id, start: first, end: at };
  }
}

function readSize(view, at) {
  const length = Math.clz32(view.getUint8(at)) - 23;
  let value = view.getUint8(at) & (0xff >> length);
  let isUnknown = value === 0xff >> length;
  for (let index = 1; index < length; index += 1) {
    const byte = view.getUint8(at + index);
    value = value * 256 + byte;
    isUnknown &&= byte === 0xff;
  }
  return { length, value, isUnknown };
}

/** A cluster that was begun before its size was known ends where the segment goes on. */
function endOfCluster(bytes, start, end) {
  let last = start;
  for (const { id, end: next } of elements(bytes, start, end)) {
    if (id > 0xffffff) return last; // the ids of a segment's own elements have four bytes
    last = next;
  }
  return end;
}

/** The cluster with its `time`, its `track`, and the `times` of its blocks. */
function readCluster(bytes, cluster) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const read = { ...cluster, time: 0, track: 1, times: [] };
  const readBlock = ({ start }) => {
    const track = readSize(view, start);
    read.track = track.value;
    read.times.push(read.time + view.getInt16(start + track.length));
  };
  for (const element of elements(bytes, cluster.start, cluster.end)) {
    if (element.id === TIMESTAMP) {
      for (const byte of bytes.subarray(element.start, element.end)) {
        read.time = read.time * 256 + byte;
      }
    }
    if (element.id === SIMPLE_BLOCK) readBlock(element);
    if (element.id === BLOCK_GROUP) {
      for (const part of elements(bytes, element.start, element.end)) {
        if (part.id === BLOCK) readBlock(part);
      }
    }
  }
  return read;
}

/** The last block lasts as long as the one before it. */
function lengthOf(clusters) {
  const times = clusters.flatMap((cluster) => cluster.times);
  const [before, last] = [times.at(-2) ?? 0, times.at(-1) ?? 0];
  return last + Math.max(0, last - before);
}

// Writing: an element is a list of byte arrays, of which nothing is copied

const sizeOf = (parts) => parts.reduce((sum, part) => sum + part.length, 0);

/** The size is written in eight bytes, whatever it is. */
function element(id, content) {
  const idLength = Math.ceil((32 - Math.clz32(id)) / 8);
  const head = new DataView(new ArrayBuffer(idLength + 8));
  for (let index = 0; index < idLength; index += 1) {
    head.setUint8(index, id >>> (8 * (idLength - 1 - index)));
  }
  head.setBigUint64(idLength, 0x0100_0000_0000_0000n | BigInt(sizeOf(content)));
  return [new Uint8Array(head.buffer), ...content];
}

function integer(value) {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, value);
  return new Uint8Array(view.buffer);
}

function float(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return new Uint8Array(view.buffer);
}
