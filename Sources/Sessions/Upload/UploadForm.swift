// The upload's form: its fields judged and its recording stored while they come.

internal import HTTPSyntax
internal import Multipart
internal import OpenSSL
internal import POSIX
internal import SystemPackage

/// What the form said, once it was complete and right.
package struct Upload: ~Copyable {
  let recording: TemporaryRecording
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
    case temporaryFile(Errno)
  }

  static let limits = MultipartLimits(maxParts: 1_000, maxHeaderBytes: 16_384, maxHeaderLines: 100)
  /// Storage takes longer ones, but no media type is.
  private static let maxContentTypeBytes = 1_000

  /// Where the bytes of the current part go.
  private enum Destination { case nowhere, recording, duration, topic, language }
  private enum Kind { case absent, text, file }

  private let files: TemporaryFiles
  private var destination = Destination.nowhere
  private var writer: TemporaryRecordingWriter?
  private var audio = Kind.absent
  private var contentType: [UInt8] = []
  private var durationKind = Kind.absent
  private var topicKind = Kind.absent
  private var languageKind = Kind.absent
  private var duration = DurationField()
  private var topic = TopicField()
  private var language = LanguageField()
  private var leadingMark = LeadingMark()

  /// - Parameter files: has the temporary file, if a recording comes.
  init(files: TemporaryFiles) { self.files = files }

  mutating func partBegan(_ headers: PartHeaders) throws(Failure) {
    let name = headers.nameBytes.span
    let kind = headers.isFile ? Kind.file : .text
    destination = .nowhere
    leadingMark = LeadingMark()
    if name == "audio", audio == .absent {
      audio = kind
      if kind == .file {
        contentType = headers.contentTypeBytes ?? []
        try openTemporaryRecording()
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
    case .duration: leadingMark.strip(bytes) { duration.append($0) }
    case .topic: leadingMark.strip(bytes) { topic.append($0) }
    case .language: leadingMark.strip(bytes) { language.append($0) }
    }
  }

  mutating func partEnded() throws(Failure) {
    switch destination {
    case .nowhere: break
    case .recording: try write { (writer) throws(Errno) in try writer?.flush() }
    case .duration: leadingMark.finish { duration.append($0) }
    case .topic: leadingMark.finish { topic.append($0) }
    case .language: leadingMark.finish { language.append($0) }
    }
  }

  /// Judges the whole form, in the order in which its faults are told.
  ///
  /// - Throws: the refusal of the first thing that is wrong.
  consuming func finish() throws(Refusal) -> Upload {
    guard audio == .file, let writer = writer.take() else { throw .missingAudio }
    guard durationKind == .text, let seconds = duration.seconds else { throw .invalidDuration }
    guard writer.byteCount > 0 else { throw .emptyFile }
    let type = try audioType()
    if topicKind == .file { throw .invalidField(.topic) }
    if languageKind == .file { throw .invalidField(.language) }
    return Upload(
      recording: writer.finish(), contentType: String(decoding: contentType, as: UTF8.self),
      subtype: type.subtype, durationSeconds: seconds, topic: try topic.parse(),
      language: try language.parse() ?? LanguageField.standard)
  }

  private func audioType() throws(Refusal) -> MediaType {
    guard contentType.count <= UploadForm.maxContentTypeBytes else { throw .notAudio }
    do {
      let type = try MediaType(contentType.span)
      // Bytes above 0x7F have no meaning in a media type and cannot be signed for storage.
      guard type.type == "audio", !type.hasNonASCIIParameter else { throw Refusal.notAudio }
      return type
    } catch {
      throw .notAudio
    }
  }

  private mutating func openTemporaryRecording() throws(Failure) {
    do {
      writer = try TemporaryRecordingWriter(in: files)
    } catch {
      throw .temporaryFile(error)
    }
  }

  private mutating func store(_ bytes: Span<UInt8>) throws(Failure) {
    guard let byteCount = writer?.byteCount, byteCount + bytes.count <= RecordingSizeLimit.maxBytes
    else {
      throw .tooLarge
    }
    try write { (writer) throws(Errno) in try writer?.append(bytes) }
  }

  private mutating func write(
    _ work: (inout TemporaryRecordingWriter?) throws(Errno) -> Void
  ) throws(Failure) {
    do { try work(&writer) } catch { throw .temporaryFile(error) }
  }
}
