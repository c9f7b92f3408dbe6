// The upload's form: its fields judged and its recording stored while they come.

internal import Multipart
internal import OpenSSL
internal import POSIX
internal import SystemPackage

/// What the form said, once it was complete and right.
struct Upload: ~Copyable {
  let recording: SpooledFile
  /// The part's Content-Type as it goes to storage.
  let contentType: String
  let subtype: String
  let durationSeconds: Int
  let topic: String?
  let language: String
}

/// Reads the form. The first part of a name wins, whatever its kind; unknown fields are skipped.
struct UploadForm: ~Copyable, MultipartHandler {
  enum Failure: Error {
    /// The recording is larger than the limit. Nothing more is read.
    case tooLarge
    /// The temporary file could not be opened or written.
    case spool(Errno)
  }

  /// 50 MiB.
  static let mostBytes = 52_428_800
  static let limits = MultipartLimits(maxParts: 1_000, maxHeaderBytes: 16_384, maxHeaderLines: 100)
  /// Storage takes longer ones, but no media type is.
  private static let mostContentTypeBytes = 1_000

  /// Where the bytes of the current part go.
  private enum Destination { case nowhere, recording, duration, topic, language }
  private enum Kind { case absent, text, file }

  private let directory: String
  private var destination = Destination.nowhere
  private var spool: Spool?
  private var audio = Kind.absent
  private var contentType: [UInt8] = []
  private var durationKind = Kind.absent
  private var topicKind = Kind.absent
  private var languageKind = Kind.absent
  private var duration = DurationField()
  private var topic = TextField(mostBytes: Topic.mostBytes)
  private var language = TextField(mostBytes: LanguageTag.mostBytes)

  /// - Parameter directory: where the temporary file is made, if a recording comes.
  init(directory: String) { self.directory = directory }

  mutating func partBegan(_ headers: PartHeaders) throws(Failure) {
    let name = headers.nameBytes.span
    let kind = headers.isFile ? Kind.file : .text
    destination = .nowhere
    if name == "audio", audio == .absent {
      audio = kind
      if kind == .file {
        contentType = headers.contentType ?? []
        try openSpool()
        destination = .recording
      }
    } else if name == "duration", durationKind == .absent {
      durationKind = kind
      destination = .duration
    } else if name == "topic", topicKind == .absent {
      topicKind = kind
      destination = .topic
    } else if name == "language", languageKind == .absent {
      languageKind = kind
      destination = .language
    }
  }

  mutating func bodyReceived(_ bytes: Span<UInt8>) throws(Failure) {
    switch destination {
    case .nowhere: break
    case .recording: try store(bytes)
    case .duration: duration.append(bytes)
    case .topic: topic.append(bytes)
    case .language: language.append(bytes)
    }
  }

  mutating func partEnded() {}
  mutating func messageEnded() {}

  /// Judges the whole form, in the order in which its faults are told.
  ///
  /// - Throws: the refusal of the first thing that is wrong.
  consuming func finish() throws(Refusal) -> Upload {
    guard audio == .file, let spool = spool.take() else { throw .missingAudio }
    guard durationKind == .text, let seconds = duration.seconds else { throw .invalidDuration }
    guard spool.byteCount > 0 else { throw .emptyFile }
    let type = try audioType()
    if topicKind == .file { throw .invalidField(.topic) }
    if languageKind == .file { throw .invalidField(.language) }
    return Upload(
      recording: spool.finish(), contentType: String(decoding: contentType, as: UTF8.self),
      subtype: type.subtype, durationSeconds: seconds, topic: try Topic.parse(topic),
      language: try LanguageTag.parse(language) ?? LanguageTag.standard)
  }

  private func audioType() throws(Refusal) -> MediaType {
    guard contentType.count <= UploadForm.mostContentTypeBytes else { throw .notAudio }
    do {
      let type = try MediaType(contentType.span)
      // Bytes above 0x7F have no meaning in a media type and cannot be signed for storage.
      guard type.type == "audio", !type.hasNonASCIIParameter else { throw Refusal.notAudio }
      return type
    } catch {
      throw .notAudio
    }
  }

  private mutating func openSpool() throws(Failure) {
    do {
      spool = try Spool(in: directory)
    } catch {
      throw .spool(error)
    }
  }

  private mutating func store(_ bytes: Span<UInt8>) throws(Failure) {
    guard let byteCount = spool?.byteCount, byteCount + bytes.count <= UploadForm.mostBytes else {
      throw .tooLarge
    }
    do {
      try spool?.append(bytes)
    } catch {
      throw .spool(error)
    }
  }
}
