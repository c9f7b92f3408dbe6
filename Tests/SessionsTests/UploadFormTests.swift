// The upload's form, read by the real parser.

import Multipart
import OpenSSL
import SystemPackage
import Testing

@testable import Sessions

private let audio: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3, 0x0D, 0x0A, 0x2D, 0x2D]

@Suite struct `Upload forms` {
  @Test func `every split of a form gives the same upload`() throws {
    let form = Form([
      .text("topic", "Søren's day"), .file("audio", audio, type: "audio/webm;codecs=opus"),
      .text("other", "x"), .text("duration", "12.5"), .text("language", "da"),
    ]).complete
    var expected = Outcome.Seen(audio)
    expected.contentType = "audio/webm;codecs=opus"
    expected.duration = 13
    expected.topic = "Søren's day"
    expected.language = "da"
    for position in 0...form.count {
      let pieces = [Array(form[..<position]), Array(form[position...])]
      #expect(try FormReader.read(pieces) == .upload(expected), "split at \(position)")
    }
    #expect(try FormReader.read(form.map { [$0] }) == .upload(expected))
  }

  @Test func `topic and language may be missing or empty`() throws {
    let expected = Outcome.upload(Outcome.Seen(audio))
    let parts: [Part] = [.file("audio", audio), .text("duration", "5")]
    #expect(try read(parts) == expected)
    #expect(try read(parts + [.text("topic", ""), .text("language", "")]) == expected)
  }

  @Test(arguments: [
    ("audio/webm", "webm"), ("AUDIO/WebM", "webm"), ("audio/webm;codecs=opus", "webm"),
    ("audio/ogg; codecs=\"opus, vorbis\"", "ogg"), ("audio/mpeg;", "mpeg"),
    ("audio/mp4 ; codecs=mp4a.40.2", "mp4"), ("audio/svg+xml", "svg+xml"),
    ("audio/vnd.wave", "vnd.wave"),
  ])
  func `any audio type is taken as it came`(type: String, subtype: String) throws {
    var expected = Outcome.Seen(audio)
    expected.contentType = type
    expected.subtype = subtype
    let duration = Part.text("duration", "5")
    #expect(try read([.file("audio", audio, type: type), duration]) == .upload(expected))
    #expect(
      try read([.file("audio", audio, type: " \t\(type)\t "), duration]) == .upload(expected))
  }

  @Test(arguments: [
    nil, "", "audio", "audio/", "/webm", "video/webm", "text/plain", "application/octet-stream",
    "audiox/webm", "xaudio/webm", "audio/webm, audio/ogg", "audio/webm;codecs", "audio /webm",
    "audio/ webm", "audio/webm codecs=opus", "audio/webm;codecs=\"opus", "audio/we bm",
    "audio/webm; title=\"é\"", "audio/wébm", "audio/webm;a=" + String(repeating: "b", count: 1_000),
  ])
  func `any other type is refused`(type: String?) throws {
    let parts: [Part] = [.file("audio", audio, type: type), .text("duration", "5")]
    #expect(try read(parts) == .refused(.notAudio))
  }

  @Test func `the first part of a name wins, whatever its kind`() throws {
    let duration = Part.text("duration", "5")
    let file = Part.file("audio", audio)
    let right = Outcome.upload(Outcome.Seen(audio))
    #expect(try read([.text("audio", "x"), file, duration]) == .refused(.missingAudio))
    #expect(try read([file, .text("audio", "x"), duration]) == right)
    #expect(try read([file, .file("audio", [9], type: "text/plain"), duration]) == right)
    #expect(try read([file, duration, .text("duration", "x")]) == right)
    #expect(try read([file, .text("duration", "x"), duration]) == .refused(.invalidDuration))
    #expect(try read([file, .text("duration", ""), duration]) == .refused(.invalidDuration))
    #expect(try read([file, duration, .text("topic", ""), .text("topic", "late")]) == right)
    #expect(try read([file, duration, .text("language", ""), .text("language", "da")]) == right)
  }

  @Test func `a text where a file should be and the other way round is wrong`() throws {
    let duration = Part.text("duration", "5")
    let file = Part.file("audio", audio)
    #expect(try read([.text("audio", "x"), duration]) == .refused(.missingAudio))
    #expect(try read([file, .file("duration", bytes("5"))]) == .refused(.invalidDuration))
    #expect(try read([file, duration, .file("topic")]) == .refused(.invalidField(.topic)))
    #expect(try read([file, duration, .file("language")]) == .refused(.invalidField(.language)))
  }

  @Test func `a file name is a file, whatever is in it`() throws {
    var file = Part.file("audio", audio)
    file.filename = ""
    let expected = Outcome.upload(Outcome.Seen(audio))
    #expect(try read([file, .text("duration", "5")]) == expected)
  }

  @Test(arguments: ["", "Audio", "audio ", " audio", "%61udio", "audio\u{301}", "audios", "audi"])
  func `any other name is an unknown field`(name: String) throws {
    let parts: [Part] = [.file(name, audio), .text("duration", "5")]
    #expect(try read(parts) == .refused(.missingAudio))
    let right: [Part] = [.file(name, [9]), .file("audio", audio), .text("duration", "5")]
    #expect(try read(right) == .upload(Outcome.Seen(audio)))
  }

  @Test func `of several faults the first in order is told`() throws {
    let badType = Part.file("audio", audio, type: "text/plain")
    let badDuration = Part.text("duration", "x")
    let duration = Part.text("duration", "5")
    let others: [Part] = [.text("language", "?"), .text("topic", "\u{1}")]
    #expect(try read(others + [badDuration]) == .refused(.missingAudio))
    let empty = Part.file("audio", [], type: "text/plain")
    #expect(try read(others + [badDuration, empty]) == .refused(.invalidDuration))
    #expect(try read(others + [empty]) == .refused(.invalidDuration))
    #expect(try read(others + [duration, empty]) == .refused(.emptyFile))
    #expect(try read(others + [duration, badType]) == .refused(.notAudio))
    let file = Part.file("audio", audio)
    #expect(try read(others + [duration, file]) == .refused(.invalidField(.topic)))
    #expect(try read([others[0], duration, file]) == .refused(.invalidField(.language)))
  }

  @Test func `a form that is cut off anywhere is no form`() throws {
    let form = Form([.file("audio", audio), .text("duration", "5")]).complete
    // The last line may lack its line end.
    for count in 0..<form.count - 2 {
      let outcome = try FormReader.read([Array(form[..<count])])
      let error = count < "--B".utf8.count ? MultipartError.missingBoundary : .missingFinalBoundary
      #expect(outcome == .malformed(error), "cut at \(count)")
    }
  }

  @Test(arguments: [(1_000, false), (1_001, true)])
  func `a thousand parts are taken`(count: Int, isTooMany: Bool) throws {
    let unknown = [Part](repeating: .text("x", ""), count: count - 2)
    let outcome = try read([.file("audio", audio), .text("duration", "5")] + unknown)
    let expected = Outcome.upload(Outcome.Seen(audio))
    #expect(outcome == (isTooMany ? .malformed(.tooManyParts(limit: 1_000)) : expected))
  }

  @Test func `a directory that is missing is told when the recording comes`() throws {
    let directory = "/tmp/no-such-directory-here"
    let duration = Form([.text("duration", "5")]).complete
    #expect(try FormReader.read([duration], directory: directory) == .refused(.missingAudio))
    let file = Form([.file("audio", audio), .text("duration", "5")]).complete
    #expect(
      try FormReader.read([file], directory: directory)
        == .temporaryFileFailed(.noSuchFileOrDirectory))
  }

  private func read(_ parts: [Part]) throws -> Outcome {
    try FormReader.read([Form(parts).complete])
  }
}

@Suite struct `Large uploads` {
  private static let chunk = [UInt8](repeating: 0x55, count: 1 << 20)
  private static let limit = 52_428_800

  @Test func `a recording of exactly the limit is taken, and one byte more is not`() throws {
    let duration = Form([.text("duration", "5")])
    var right = try FormReader()
    var wrong = try FormReader()
    var hash = SHA256()
    let head = duration.bytes + Form.head(.file())
    right.feed(head)
    wrong.feed(head)
    for _ in 0..<(Self.limit / Self.chunk.count) {
      hash.update(Self.chunk.span)
      right.feed(Self.chunk)
      wrong.feed(Self.chunk)
    }
    let goesOn = wrong.feed([0x55])
    #expect(!goesOn)
    #expect(wrong.finish() == .tooLarge)
    right.feed(bytes("\r\n") + Form.end)
    var expected = Outcome.Seen(Array(Self.chunk[..<64]))
    expected.byteCount = Self.limit
    expected.sha256 = hash.finalize()
    #expect(right.finish() == .upload(expected))
  }

  @Test func `fields that nobody asked for are passed over whatever their size`() throws {
    var reader = try FormReader()
    reader.feed(bytes("preamble\r\n"))
    for part in [Part.text("unknown", ""), .file("other", [], type: nil)] {
      reader.feed(Form.head(part))
      for _ in 0..<4 { reader.feed(Self.chunk) }
      reader.feed(bytes("\r\n"))
    }
    reader.feed(Form([.file("audio", audio), .text("duration", "5")]).complete)
    for _ in 0..<2 { reader.feed(Self.chunk) }
    #expect(reader.finish() == .upload(Outcome.Seen(audio)))
  }

  @Test(arguments: [
    ("duration", Refusal.invalidDuration), ("topic", .invalidField(.topic)),
    ("language", .invalidField(.language)),
  ])
  func `a known text field, however long, is judged by its own rule`(
    name: String, refusal: Refusal
  ) throws {
    var reader = try FormReader()
    reader.feed(Form([.file("audio", audio)]).bytes)
    if name != "duration" { reader.feed(Form([.text("duration", "5")]).bytes) }
    reader.feed(Form.head(.text(name, "")))
    for _ in 0..<4 { reader.feed(Self.chunk) }
    reader.feed(bytes("\r\n") + Form.end)
    #expect(reader.finish() == .refused(refusal))
  }
}
